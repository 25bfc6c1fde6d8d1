"""Which uses a program came by: neither more nor less than it did."""

from __future__ import annotations

import re
import textwrap

from tests.doctor import marks

# Behind "missed:" stands what the line has and does not come by.
PROGRAM = '''
    """A program."""
    from __future__ import print_function

    import threading

    import mxnet as mx
    import other
    from mxnet import gluon, nd
    if mx is None:
        from mxnet import sym  # missed: mx.sym


    def never(size):
        return nd.zeros(size)  # missed: mx.nd.zeros


    def in_thread():
        nd.ones((1,)).wait_to_read()


    class Data(gluon.data.Dataset):
        def __len__(self):
            return 2

        def __getitem__(self, i):  # in a process of its own
            return nd.full((2,), i).asnumpy()


    class Net(gluon.nn.HybridSequential):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.add(gluon.nn.Dense(2)) if kwargs else None  # missed: HybridSequential.add, mx.gluon.nn.Dense


    ctx = mx.cpu() if Net() is not None else mx.gpu()  # missed: mx.gpu
    one = nd.ones((1,)) or nd.zeros((1,))  # missed: mx.nd.zeros
    called, uncalled = lambda: nd.ones((1,)), lambda: nd.zeros((1,))  # missed: mx.nd.zeros
    print(called(), [nd.zeros((1,)) for _ in ()], *[nd.relu(a) for a in [one]])  # missed: mx.nd.zeros
    try:
        nd.relu(nd.array([1 / 0]))  # missed: mx.nd.relu, mx.nd.array
    except ZeroDivisionError:
        print(nd.relu(one, **dict(name=nd.relu.__name__)).shape)
    try:
        nd.concat(one, nd.ones((2, 3)), dim=0)
        nd.relu(one)  # missed: mx.nd.relu
    except mx.base.MXNetError:
        print(
            nd.concat(
                one,
                one.reshape(
                    (1,)
                ), dim=0
            ).shape
        )
    try:
        nd.concat(one, nd.ones((2, 3)), dim=0).mean()  # missed: NDArray.mean, mx.nd.concat
    except mx.base.MXNetError:
        weight = gluon.Parameter("weight", shape=(1,))
        weight.lr_mult = 2 if other.two is not None else mx.nd.zeros  # missed: mx.nd.zeros
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    print([batch.shape for batch in gluon.data.DataLoader(Data(), 1, num_workers=1)])
'''
OTHER = """
    import mxnet as mx
    two = mx.nd.ones((2,))
    three = mx.nd.arange(3) if two is None else None  # missed: mx.nd.arange
"""


def test_what_a_program_comes_by(tmp_path):
    expected = set()
    for name, text in (("program.py", PROGRAM), ("other.py", OTHER)):
        (tmp_path / name).write_text(textwrap.dedent(text))
        for number, line in enumerate(textwrap.dedent(text).splitlines(), 1):
            if found := re.search("# missed: (.*)", line):
                expected |= {(name, number, use) for use in found[1].split(", ")}
    done, places = marks.run(tmp_path / "program.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    missed = marks.missed(marks.uses_of(tmp_path), places)
    assert {(use.file.rpartition("/")[2], use.line, use.name) for use in missed} == expected
    assert not (tmp_path / "__pycache__").exists()  # marked code is for this run alone
