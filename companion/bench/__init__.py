"""Measurements that anybody can repeat: `companion bench ...`."""
