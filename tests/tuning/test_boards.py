"""Boards and what is known of them: recognition by device tree and DMI, reserves by memory, and who wins."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.tuning import Defaults, probe, recognise, settle
from edge.tuning.accelerator import read_accelerator
from edge.tuning.board import read_board
from edge.tuning.hardware import Hardware
from edge.tuning.profiles import ProfileError, installed, read
from tests.tuning.boards import (
    DOCUMENTED,
    EVERY,
    LAPTOPS,
    ORIN_NANO,
    PI_5,
    ROCK_5,
    ZERO_2_W,
    Tree,
    jetson,
    laptop,
    plant,
    smbios,
)
from tests.tuning.machine import machine, version_2, write

MIB = 1 << 20


def found(root: Path, tree: Tree) -> Hardware:
    return probe(plant(root, tree), machine=tree.machine)


@pytest.mark.parametrize("tree", EVERY, ids=lambda tree: tree.model)
def test_a_board_is_recognised_and_measured(tmp_path: Path, tree: Tree) -> None:
    hardware = found(tmp_path, tree)
    assert recognise(hardware.board).title == tree.title
    assert hardware.cpu_model == tree.model
    assert hardware.memory_total_bytes == tree.memory_mib * MIB
    assert hardware.physical_cores == len(tree.capacities)
    assert hardware.repacks_weights == ("asimddp" in tree.features)
    assert hardware.cores[0].max_khz == tree.max_khz
    assert hardware.cache_bytes > 0


@pytest.mark.parametrize("tree", EVERY, ids=lambda tree: tree.model)
def test_every_board_keeps_room_for_others_and_leaves_some_for_a_model(tmp_path: Path, tree: Tree) -> None:
    hardware = found(tmp_path, tree)
    settled = settle(hardware)
    assert 32 * MIB < settled.reserve_bytes() < hardware.memory_total_bytes / 2
    assert settled.reserve_bytes(speech=False) < settled.reserve_bytes()
    assert settled.threads is not None
    assert 1 <= settled.threads <= hardware.compute_threads


def test_a_small_board_of_a_family_gets_what_is_meant_for_its_memory(tmp_path: Path) -> None:
    small = settle(found(tmp_path / "small", Tree(PI_5.title, PI_5.model, PI_5.compatible, 2012, *_rest(PI_5))))
    large = settle(found(tmp_path / "large", Tree(PI_5.title, PI_5.model, PI_5.compatible, 16200, *_rest(PI_5))))
    assert small.most_parameters is not None
    assert large.most_parameters is not None
    assert small.most_parameters < large.most_parameters
    assert small.reserve_bytes() < large.reserve_bytes()


def _rest(tree: Tree) -> tuple[tuple[int, ...], int, str]:
    return tree.capacities, tree.max_khz, tree.features


def test_only_the_big_cores_compute(tmp_path: Path) -> None:
    hardware = found(tmp_path, ROCK_5)
    assert hardware.physical_cores == 8
    assert hardware.fast_cores == hardware.compute_threads == 4
    assert {cpu for core in hardware.cores[:4] for cpu in core.cpus} == {4, 5, 6, 7}


def test_without_capacities_the_top_clock_tells_the_cores_apart(tmp_path: Path) -> None:
    root = machine(tmp_path, cores={0: "0", 1: "1", 2: "2"})
    files = {f"sys/devices/system/cpu/cpu{cpu}/cpufreq/cpuinfo_max_freq": str(khz) for cpu, khz in enumerate((4, 4, 1))}
    assert probe(write(root, files), range(3)).fast_cores == 2


def test_a_cpuset_is_honoured_as_the_kernel_lists_it(tmp_path: Path) -> None:
    root = write(plant(tmp_path, ZERO_2_W), {"proc/self/status": "Cpus_allowed_list:\t1,3\n"})
    assert probe(root).physical_cores == 2


def test_an_arm_laptop_is_known_by_its_chassis_and_an_intel_one_is_not(tmp_path: Path) -> None:
    root = laptop(tmp_path)
    assert recognise(read_board(root, "aarch64")).name == "arm-laptop"
    assert recognise(read_board(root, "x86_64")).name == "generic"
    assert read_board(root, "aarch64").model == "LENOVO ThinkPad X13s Gen 1"


def test_a_laptop_with_a_device_tree_says_so_there(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "proc/device-tree/compatible": "apple,j313\0apple,t8103\0",
            "proc/device-tree/model": "Apple MacBook Air (M1, 2020)\0",
            "proc/device-tree/chassis-type": "laptop\0",
        },
    )
    assert recognise(read_board(root, "aarch64")).name == "arm-laptop"


@pytest.mark.parametrize(("title", "compatible", "profile"), DOCUMENTED, ids=lambda value: str(value)[:40])
def test_every_documented_board_of_a_family_is_recognised(
    tmp_path: Path, title: str, compatible: tuple[str, ...], profile: str
) -> None:
    tree = "proc/device-tree"
    files = {f"{tree}/model": f"{title}\0", f"{tree}/compatible": "".join(f"{name}\0" for name in compatible)}
    board = read_board(write(tmp_path, files), "aarch64")
    assert (recognise(board).name, board.model) == (profile, title)


@pytest.mark.parametrize(("vendor", "product", "version", "chassis", "name"), LAPTOPS)
def test_laptops_with_snapdragons_are_recognised_by_what_their_firmware_says(
    tmp_path: Path, vendor: str, product: str, version: str, chassis: int, name: str
) -> None:
    board = read_board(smbios(tmp_path, vendor, product, version, chassis), "aarch64")
    assert (recognise(board).name, board.model) == (name, f"{vendor} {version if vendor == 'LENOVO' else product}")


def test_small_boards_do_not_try_a_recogniser_that_takes_all_their_memory() -> None:
    chosen = {profile.name: profile.speech.recogniser for profile in installed()}
    assert chosen["raspberry-pi-zero-2-w"] == chosen["raspberry-pi-3"] == "pocketsphinx"
    assert chosen["raspberry-pi-5"] == chosen["generic"] == "auto"


def test_the_most_exact_name_wins() -> None:
    titles = {profile.title for profile in installed()}
    assert {tree.title for tree in EVERY} <= titles
    assert recognise(None).name == "generic"


def test_a_person_wins_over_a_profile_and_a_profile_over_the_probe(tmp_path: Path) -> None:
    hardware = found(tmp_path, PI_5)
    by_profile = settle(hardware)
    assert by_profile.threads == 3
    assert by_profile.threads_batch == 4
    by_person = settle(hardware, Defaults(threads=2, system_bytes=1, most_ctx=99))
    assert (by_person.threads, by_person.threads_batch, by_person.system_bytes, by_person.most_ctx) == (2, 2, 1, 99)
    assert by_person.speech_bytes == by_profile.speech_bytes
    unknown = settle(probe(machine(tmp_path / "unknown"), range(4), "riscv64"))
    assert unknown.system_bytes is not None
    assert unknown.threads == 4


def test_a_quota_wins_over_what_a_profile_hints_but_not_over_a_person(tmp_path: Path) -> None:
    root = version_2(plant(tmp_path, PI_5), "/x", {"x": {"cpu.max": "150000 100000"}})
    hardware = probe(root)
    assert settle(hardware).threads == 1
    assert settle(hardware, Defaults(threads=4)).threads == 4


def test_a_jetson_offloads_only_with_a_build_that_can(tmp_path: Path) -> None:
    root = jetson(tmp_path / "root")
    (tmp_path / "plain").mkdir()
    write(tmp_path / "cuda", {"libggml-cuda.so": ""})
    plain, cuda = read_accelerator(root, tmp_path / "plain"), read_accelerator(root, tmp_path / "cuda")
    assert plain is not None
    assert cuda is not None
    assert (plain.name, plain.shares_memory, plain.usable, cuda.usable) == ("nvidia,ga10b", True, False, True)
    assert read_accelerator(plant(tmp_path / "without", ORIN_NANO)) is None


def test_a_graphics_card_has_memory_of_its_own(tmp_path: Path) -> None:
    root = write(tmp_path, {"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA RTX A2000\n"})
    card = read_accelerator(root, tmp_path)
    assert card is not None
    assert (card.name, card.shares_memory, card.offload) == ("NVIDIA RTX A2000", False, False)


def test_swap_on_a_card_and_in_compressed_memory_are_told_apart(tmp_path: Path) -> None:
    root = write(
        machine(tmp_path),
        {
            "proc/swaps": (
                "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
                "/dev/zram0                              partition\t2097136\t\t1024\t\t100\n"
                "/var/swap                               file\t\t524272\t\t0\t\t-2\n"
            ),
            "sys/block/zram0/mm_stat": "1048576 262144 327680 0 327680 0 0 0 0\n",
            "proc/sys/vm/swappiness": "60\n",
        },
    )
    swap = probe(root, [0]).swap
    assert swap.total_bytes == (2097136 + 524272) * 1024
    assert swap.free_bytes == swap.total_bytes - 1024 * 1024
    assert swap.zram_bytes == 2097136 * 1024
    assert swap.zram_kept_bytes == 327680
    assert swap.on_storage_bytes == 524272 * 1024
    assert swap.swappiness == 60


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("threads = 3", None),
        ("[defaults]\nthreads = 'four'", "defaults.threads is 'four'"),
        ("[defaults]\nthread = 4", "defaults.thread is unknown"),
        ("[recognise]\ncompatible = 'raspberrypi'", "a list of texts"),
        ("[recognise]\nbios = []", "recognise.bios is unknown"),
        ("[[by_memory]]\nsystem_mib = 1", "up_to_mib"),
        ("by_memory = 3", "by_memory is 3"),
        ("title = [", "can't be read"),
        ("title = 4", "title is 4"),
        ("defaults = 1", r"\[defaults\]"),
        ("[speech]\nvoice = 'x'", "speech.voice is unknown"),
        ("[speech]\nrecogniser = 'x'", "speech.recogniser is 'x'"),
        ("[speech]\nmicrophones = 'usb'", "speech.microphones is 'usb'"),
        ("[wheels]\nround = true", None),
    ],
)
def test_a_bad_profile_says_which_file_and_key(tmp_path: Path, content: str, said: str | None) -> None:
    file = write(tmp_path, {"board.toml": content}) / "board.toml"
    if said is None:
        assert read(file).name == "board"
        return
    with pytest.raises(ProfileError, match=said) as caught:
        read(file)
    assert str(file) in str(caught.value)


TEXTS = st.text(max_size=30) | st.sampled_from(
    ["raspberrypi,5-model-b\0", "\0\0", "nvidia,", "10", "-1", "²", "9" * 40]
)


@given(
    files=st.dictionaries(
        st.sampled_from(
            [
                "proc/device-tree/compatible",
                "proc/device-tree/model",
                "proc/device-tree/chassis-type",
                "sys/class/dmi/id/chassis_type",
                "sys/class/dmi/id/sys_vendor",
                "proc/swaps",
                "proc/self/status",
                "sys/devices/system/cpu/cpu0/cpu_capacity",
                "sys/devices/system/cpu/cpu0/cache/index0/size",
                "sys/devices/system/cpu/cpu0/cache/index0/level",
                "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq",
            ]
        ),
        TEXTS,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_board_says_of_itself_settings_follow(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {name: content.encode("utf-8", "replace").decode() for name, content in files.items()})
    settled = settle(probe(tmp_path, [0], "aarch64"))
    assert settled.threads == settled.threads_batch == 1
    assert settled.reserve_bytes() > 0
