"""Where things live."""

from pathlib import Path

from edge.settings import places


def test_root_uses_the_system_directories() -> None:
    where = places({}, system=True)
    assert (where.config, where.state, where.runtime) == (
        Path("/etc/edge/config.toml"),
        Path("/var/lib/edge"),
        Path("/run/edge"),
    )


def test_a_person_uses_the_xdg_directories() -> None:
    where = places({"HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000"}, system=False)
    assert where.config == Path("/home/ada/.config/edge/config.toml")
    assert where.state == Path("/home/ada/.local/state/edge")
    assert where.control_socket == Path("/run/user/1000/edge/control.sock")


def test_a_person_without_a_runtime_directory_uses_the_state() -> None:
    assert places({"HOME": "/home/ada"}, system=False).runtime == Path("/home/ada/.local/state/edge/run")


def test_variables_go_over_everything() -> None:
    where = places({"EDGE_CONFIG": "/a/b.toml", "EDGE_STATE": "/s"}, system=True)
    assert (where.config, where.conf_d, where.state, where.runtime, where.models) == (
        Path("/a/b.toml"),
        Path("/a/conf.d"),
        Path("/s"),
        Path("/s/run"),
        Path("/s/models"),
    )


def test_a_unit_uses_what_systemd_made() -> None:
    where = places({"STATE_DIRECTORY": "/var/lib/edge-two", "RUNTIME_DIRECTORY": "/run/edge-two"}, system=False)
    assert (where.state, where.runtime) == (Path("/var/lib/edge-two"), Path("/run/edge-two"))
