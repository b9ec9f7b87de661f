"""Few arenas are kept by the allocator."""

import subprocess
import sys

ARENAS = """
import ctypes, io, threading, re, os, tempfile
from edge.heap import keep_heap_small
keep_heap_small()
many = 8
at, done = threading.Barrier(many + 1), threading.Barrier(many + 1)
def work():
    kept = [bytearray(50_000) for _ in range(20)]
    at.wait(); done.wait(); del kept
threads = [threading.Thread(target=work) for _ in range(many)]
[one.start() for one in threads]
at.wait()
libc = ctypes.CDLL(None)
file = tempfile.TemporaryFile()
libc.fdopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fdopen(os.dup(file.fileno()), b"w"))
libc.malloc_info(0, stream)
libc.fclose(stream)
file.seek(0)
done.wait()
[one.join() for one in threads]
print(len(re.findall(rb"<heap nr", file.read())))
"""


def test_many_threads_share_two_heaps() -> None:
    ran = subprocess.run([sys.executable, "-c", ARENAS], capture_output=True, text=True, check=True)
    assert int(ran.stdout) <= 2
