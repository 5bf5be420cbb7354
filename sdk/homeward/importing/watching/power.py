"""Tells whether the machine runs on its battery; only this module imports `psutil`."""

import psutil


def on_battery() -> bool:
    """Return whether there is a battery and nothing charges it; no battery: False."""
    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False
