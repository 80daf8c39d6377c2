"""Fixtures that every test may use; the models stay where they are when a test moves the home folder."""

import os

from hypothesis import settings

from companion.hearing.models import models_folder
from tests.pulse import pulse_table

__all__ = ["pulse_table"]

os.environ["COMPANION_MODELS"] = str(models_folder())
# A busy machine is no mistake: what must be quick is measured by the benches.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
