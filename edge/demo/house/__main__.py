"""Runs the simulated house on a broker: `python -m edge.demo.house --host 127.0.0.1 --port 1883`."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import time

from edge.demo.house.house import House
from edge.demo.house.radio import Broker, live


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m edge.demo.house", description="A simulated house on an MQTT broker."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the broker; 127.0.0.1 unless given")
    parser.add_argument("--port", type=int, default=1883, help="1883 unless given")
    parser.add_argument("--username")
    parser.add_argument("--password-env", metavar="NAME", help="the environment variable that has the password")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same house")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster the weather and the air go")
    parser.add_argument("--tidy", action="store_true", help="take everything retained off the broker at the end")
    parser.add_argument("--start-hour", type=float, help="the time of day it begins at; now unless given")
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    now = time.localtime()
    hour = args.start_hour if args.start_hour is not None else now.tm_hour + now.tm_min / 60
    house = House(seed=args.seed, start_hour=hour, speed=args.speed)
    password = os.environ.get(args.password_env) if args.password_env else None
    asyncio.run(_until_told(house, Broker(args.host, args.port, args.username, password), tidy=args.tidy))
    return 0


async def _until_told(house: House, broker: Broker, *, tidy: bool) -> None:
    living = asyncio.ensure_future(live(house, broker, tidy=tidy))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, living.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await living


if __name__ == "__main__":
    sys.exit(main())
