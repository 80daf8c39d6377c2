"""Fixtures that every test may use; the models stay where they are when a test moves the home folder."""

import os

from hypothesis import settings

from companion.hearing.models import models_folder
from tests.pulse import pulse_table

__all__ = ["pulse_table"]

settings.register_profile("usual", deadline=None, max_examples=1000)
settings.register_profile("full", deadline=None, max_examples=100_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

os.environ["COMPANION_MODELS"] = str(models_folder())
