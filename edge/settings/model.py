"""The tree of settings: names, types, limits and defaults, as they stand in the TOML file."""

import re
import socket
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from edge.settings.base import DeviceId, Fraction, Name, Slug, Table, like
from edge.settings.hardware import HardwareSettings
from edge.settings.history import HistorySettings, SensorSettings
from edge.settings.homeassistant import HomeAssistantSettings
from edge.settings.location import LocationSettings
from edge.settings.migrations import STEPS
from edge.settings.mqtt import MqttSettings
from edge.settings.people import GuestSettings, SourceSettings
from edge.settings.requests import RequestsSettings
from edge.settings.secrets import first_line
from edge.settings.speech import ButtonSettings, DuckingSettings, LightSettings, QuietHours
from edge.settings.summary import SummarySettings
from edge.settings.upkeep import BackupSettings, UpdateSettings
from edge.settings.watch import WatchSettings
from edge.settings.wyoming import WyomingSettings

VERSION: Final = 1 + len(STEPS)
"""The version of this tree; a file that says a newer one is read as far as it is understood."""


class RouterSettings(Table):
    """`[router]`: when it is sure enough."""

    act_threshold: Fraction | None = None
    """Below this confidence it asks instead of acting; none: what the shipped network was calibrated to."""
    chat_threshold: Fraction | None = None
    """Above this probability an utterance goes to the language model; none: as calibrated."""


class LlmSettings(Table):
    """`[llm]`: the language model in its worker process."""

    enabled: bool = True
    model: str | None = None
    """The name of an added model, or a path to a GGUF file; none: the one that was chosen with `edge models use`."""
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    context: Annotated[int, Field(ge=256, le=131_072)] | None = None
    """Tokens; none: what fits the machine."""
    memory_limit_bytes: Annotated[int, Field(ge=32 * 1024 * 1024)] | None = None
    """Ceiling of the worker process; none: what the machine can spare."""
    max_reply_tokens: Annotated[int, Field(ge=8, le=4096)] = 256
    temperature: Annotated[float, Field(ge=0.0, le=2.0)] = 0.7
    tools: bool = True
    """Whether it may call for devices, states and readings; what is critical is asked about all the same."""
    idle_unload_s: Annotated[float, Field(ge=0, le=7 * 86_400)] | None = None
    """When a model that nobody asks is unloaded: 0 for never; none: half an hour where memory is small."""
    tune: bool = True
    """Whether a model that is new on this machine is tuned by itself, once it has been idle for ten minutes."""
    pace_tokens_per_s: Annotated[float, Field(gt=0, le=1000)] = 6.0
    """How fast it must speak to be recommended: about the pace of somebody reading aloud."""


class GovernorSettings(Table):
    """`[governor]`: what the language model gives up while the machine is short of something."""

    enabled: bool = True
    keep_free_bytes: Annotated[int, Field(ge=0, le=1 << 40)] | None = None
    """Memory below which it gives some up; none: half of what the board's profile keeps for the rest."""
    near_celsius: Annotated[float, Field(ge=0, le=30)] = 3.0
    """How near to being slowed down the processor may come."""


class ModelsSettings(Table):
    """`[models]`: where models come from when a person pulls one."""

    hub: Annotated[str, like(r"https?://[^\s/]+(/[^\s]*)?", "an address such as https://huggingface.co")] = (
        "https://huggingface.co"
    )


class ConfirmSettings(Table):
    """`[confirm]`: what is asked before it is done."""

    within_s: Annotated[float, Field(ge=3, le=120)] = 15.0
    also: tuple[str, ...] = ()
    """Functions or device ids that ask although they need not ("cover.open", "switch.heater")."""
    unauthenticated: bool = False
    """Whether a source that proves nothing (plain MQTT, HTTP without a token) may confirm without a PIN."""
    pin: Annotated[str, like(r"\d{4,12}", "4 to 12 digits")] | None = Field(default=None, repr=False)
    pin_file: Path | None = None

    def secret(self) -> str | None:
        """The PIN, read from its file where it has one; raises OSError."""
        if self.pin_file is None:
            return self.pin
        return first_line(self.pin_file).strip() or None


class SpeechSettings(Table):
    """`[speech]`: the microphone and the loudspeaker of this machine."""

    enabled: Literal["auto"] | bool = "auto"
    """`auto`: where the speech extra is installed, as soon as there is something to hear or speak with."""
    microphone: Name | None = None
    """Its name, or a part of it (`edge doctor --audio` lists them); none: the likeliest."""
    loudspeaker: Name | None = None
    gain_db: Annotated[float, Field(ge=-30, le=40)] = 0.0
    """Added to what the microphone gives."""
    area: Name | None = None
    """The area's id or name that the microphone is in: "the light" is the one there."""
    wake_words: tuple[Name, ...] = ("okay_nabu",)
    sensitivity: Fraction = 0.5
    """Of all wake words; 0.5 is as their makers meant it, more wakes more often."""
    sensitivities: dict[Name, Fraction] = Field(default_factory=dict)
    """Of single ones."""
    recogniser: Literal["auto", "pocketsphinx", "faster-whisper"] = "auto"
    voice: Name | None = None
    """A Piper voice of the store, or one of espeak-ng's; none: the best there is."""
    volume: Fraction | None = None
    """Until somebody asks for another; none: 0.7."""
    quiet_hours: QuietHours | None = None
    """When announcements wait for the morning and replies are quiet."""
    quiet_volume: Fraction = 0.4
    ring_volume: Fraction = 0.4
    """The least for timers and alarm clocks, in quiet hours too."""
    alarm_volume: Fraction = 0.7
    """The least for severe alarms."""
    alarms_always: bool = True
    """Whether these sound in quiet hours and when muted."""
    follow_up: bool = True
    """Whether an answer to a question needs no wake word."""
    follow_up_s: Annotated[float, Field(ge=1, le=30)] = 6.0
    earcon: bool = True
    """Whether a short sound says that it listens, and that it has not understood."""
    button: ButtonSettings = ButtonSettings()
    light: LightSettings = LightSettings()
    ducking: DuckingSettings = DuckingSettings()


class HttpSettings(Table):
    """`[http]`: Ollama's and OpenAI's interfaces, and our own."""

    enabled: bool = True
    host: Name = "127.0.0.1"
    """The address to listen at; one that the network can reach takes requests with a token alone."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0: not there."""
    ollama_port: Annotated[int, Field(ge=0, le=65535)] = 11434
    """The same once more, where Ollama's clients look for it; 0: not there."""
    certificate: Path | None = None
    """A PEM file, with its chain, for https; with `key`."""
    key: Path | None = None
    require_token: bool = False
    """Whether this machine's own programs need a token too."""
    hosts: tuple[Name, ...] = ()
    """Names that clients may reach it by without a token, beside localhost."""
    origins: tuple[Name, ...] = ()
    """Web pages of other origins that may use it ("http://panel.local:8000"); none otherwise."""
    aliases: dict[Name, Name] = Field(default_factory=dict)
    """Other names for models, such as those that a client has built in."""
    switch_models: bool = False
    """Whether a request that names another installed model makes it the one in use."""
    max_tokens: Annotated[int, Field(ge=16, le=32_768)] = 1024
    """The most of an answer whose request names no limit."""
    answer_s: Annotated[float, Field(ge=5, le=3600)] = 300.0
    """The longest that one answer may take."""
    most_waiting: Annotated[int, Field(ge=1, le=256)] = 16
    most_connections: Annotated[int, Field(ge=4, le=4096)] = 128
    most_bytes: Annotated[int, Field(ge=10_000, le=64 << 20)] = 2_000_000
    """The largest request; sound may have ten times that."""


class SatelliteSettings(Table):
    """`[[satellites]]`: a microphone and a loudspeaker elsewhere, reached by Wyoming's protocol."""

    name: Slug
    """What it is called in logs, in `edge status` and to whoever asks who said what."""
    host: Name
    port: Annotated[int, Field(ge=1, le=65535)] = 10_700
    enabled: bool = True
    area: Name | None = None
    """The area's id or name that it is in."""
    wake_words: tuple[Name, ...] | None = None
    """Those that are listened for here in what it streams; none: those of `[speech]`."""
    gain_db: Annotated[float, Field(ge=-30, le=40)] = 0.0
    volume: Fraction | None = None
    """Until somebody asks for another; none: that of `[speech]`."""
    earcon: bool | None = None
    """None: as in `[speech]`."""


class LogSettings(Table):
    """`[log]`: what is written to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "human", "json"] = "auto"
    """`auto`: for people on a terminal, JSON lines otherwise."""


class FloorSettings(Table):
    """`[[floors]]`: a storey."""

    id: Slug
    name: Name
    aliases: tuple[Name, ...] = ()


class AreaSettings(Table):
    """`[[areas]]`: a room; an entry for one that discovery finds adds a floor and aliases to it."""

    id: Slug
    name: Name
    floor: Slug | None = None
    aliases: tuple[Name, ...] = ()


class DeviceSettings(BaseModel):
    """`[[devices]]`: a device by its topics, or name, area and aliases for one that discovery finds.

    Every other key is one of a Home Assistant discovery payload (`state_topic`, `command_topic`, …), checked where the
    device is built.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    id: DeviceId
    name: Name | None = None
    area: str | None = None
    """An area's id or name."""
    aliases: tuple[Name, ...] = ()
    confirm: bool | None = None
    """Ask before it is moved: true always, false never (a garage door that is only a cupboard)."""
    exposed: bool | None = None
    """Whether the assistant knows it by name, kind and place; one that it does not is for the page and rules alone."""

    @property
    def mqtt(self) -> dict[str, Any]:
        """The keys of a discovery payload, as written."""
        return dict(self.model_extra or {})


def default_node() -> str:
    """The host name as a slug of `[a-z0-9_-]`."""
    name = socket.gethostname().partition(".")[0].lower()
    return re.sub(r"[^a-z0-9_-]+", "-", name).strip("-")[:64] or "edge"


class Settings(BaseSettings):
    """Everything that can be set. Build it with `edge.settings.load`, which knows the files and the environment."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="EDGE_", env_nested_delimiter="__", env_ignore_empty=True
    )

    version: Annotated[int, Field(ge=1)] = VERSION
    node: Slug = Field(default_factory=default_node)
    language: Annotated[str, like(r"[a-z]{2}(-[A-Z]{2})?", "a language such as en")] = "en"
    units: Literal["metric", "imperial"] = "metric"
    timezone: str | None = None
    """An IANA name ("Europe/London"); none: the machine's."""
    location: LocationSettings = LocationSettings()
    home_file: Path | None = None
    """A home file with floors, areas and devices that discovery does not know."""
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    router: RouterSettings = RouterSettings()
    llm: LlmSettings = LlmSettings()
    governor: GovernorSettings = GovernorSettings()
    models: ModelsSettings = ModelsSettings()
    confirm: ConfirmSettings = ConfirmSettings()
    speech: SpeechSettings = SpeechSettings()
    http: HttpSettings = HttpSettings()
    satellites: tuple[SatelliteSettings, ...] = ()
    wyoming: WyomingSettings = WyomingSettings()
    sources: tuple[SourceSettings, ...] = ()
    guests: GuestSettings = GuestSettings()
    log: LogSettings = LogSettings()
    requests: RequestsSettings = RequestsSettings()
    history: HistorySettings = HistorySettings()
    watch: WatchSettings = WatchSettings()
    summary: SummarySettings = SummarySettings()
    update: UpdateSettings = UpdateSettings()
    backup: BackupSettings = BackupSettings()
    floors: tuple[FloorSettings, ...] = ()
    areas: tuple[AreaSettings, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    sensors: tuple[SensorSettings, ...] = ()
    hardware: tuple[HardwareSettings, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str | None) -> str | None:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("expected a time zone's name such as Europe/London") from None
        return value

    @field_validator("satellites")
    @classmethod
    def _one_of_each(cls, value: tuple[SatelliteSettings, ...]) -> tuple[SatelliteSettings, ...]:
        addresses = [f"{one.host}:{one.port}" for one in value]
        for what, of in (("name", [one.name for one in value]), ("host and port", addresses)):
            twice = next((one for one in of if of.count(one) > 1), None)
            if twice is not None:
                raise ValueError(f"expected a {what} of its own for each, found {twice} twice")
        return value

    @property
    def base(self) -> str:
        """What our own topics begin with, without a slash at the end."""
        return self.mqtt.base or f"edge/{self.node}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is the library's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The caller's values alone: the loader has merged files and environment, and remembers which said what."""
        return (init_settings,)
