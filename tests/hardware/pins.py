"""gpiozero's pins that are no pins, and sensors' files as the kernel documents them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.settings.hardware import HardwareSettings


@contextmanager
def mock_pins() -> Iterator[MockFactory]:
    """A Raspberry Pi 3's."""
    before, Device.pin_factory = Device.pin_factory, MockFactory(pin_class=MockPWMPin)
    try:
        yield Device.pin_factory
    finally:
        Device.pin_factory.reset()
        Device.pin_factory = before


def entry(**given: object) -> HardwareSettings:
    """A table of the configuration."""
    return HardwareSettings.model_validate(given)


def plant(root: Path, files: dict[str, str]) -> Path:
    """Write files under a root."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root


# From Documentation/ABI/testing/sysfs-bus-iio, sysfs-driver-w1_therm and Documentation/hwmon/sysfs-interface.rst.

W1 = "sys/bus/w1/devices/28-000005e2fdc3"
IIO = "sys/bus/iio/devices/iio:device0"
HWMON = "sys/class/hwmon/hwmon0"

ONE_WIRE = {
    f"{W1}/temperature": "21062\n",
    f"{W1}/w1_slave": "51 01 4b 46 7f ff 0c 10 fa : crc=fa YES\n51 01 4b 46 7f ff 0c 10 fa t=21062\n",
    "sys/bus/w1/devices/w1_bus_master1/w1_master_slaves": "28-000005e2fdc3\n",
    "sys/bus/w1/devices/00-400000000000/id": "",
}
BME280 = {
    f"{IIO}/name": "bme280\n",
    f"{IIO}/in_temp_input": "22480\n",
    f"{IIO}/in_humidityrelative_input": "43500\n",
    f"{IIO}/in_pressure_input": "101.325000000\n",
    f"{IIO}/in_temp_oversampling_ratio": "2\n",
}
ADS1015 = {
    "sys/bus/iio/devices/iio:device1/name": "ads1015\n",
    "sys/bus/iio/devices/iio:device1/in_voltage0_raw": "400\n",
    "sys/bus/iio/devices/iio:device1/in_voltage0_scale": "3.000000000\n",
    "sys/bus/iio/devices/iio:device1/in_voltage1_raw": "-10\n",
    "sys/bus/iio/devices/iio:device1/in_voltage_scale": "2.000000000\n",
    "sys/bus/iio/devices/iio:device1/in_voltage0-voltage1_raw": "5\n",
    "sys/bus/iio/devices/iio:device1/in_accel_x_raw": "5\n",
}
CPU = {f"{HWMON}/name": "cpu_thermal\n", f"{HWMON}/temp1_input": "48312\n"}
POWER = {
    "sys/class/hwmon/hwmon1/name": "ina226\n",
    "sys/class/hwmon/hwmon1/in1_input": "12650\n",
    "sys/class/hwmon/hwmon1/curr1_input": "1250\n",
    "sys/class/hwmon/hwmon1/power1_input": "15812500\n",
    "sys/class/hwmon/hwmon1/fan1_input": "1200\n",
    "sys/class/hwmon/hwmon1/fan1_label": "Hold fan\n",
    "sys/class/hwmon/hwmon1/temp1_input": "0\n",
    "sys/class/hwmon/hwmon1/temp1_fault": "1\n",
    "sys/class/hwmon/hwmon1/pwm1": "80\n",
}
