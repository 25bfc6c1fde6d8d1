"""Write tests/golden/legacy_numpy.json: what NumPy 1.23.5 has, and what the names that later went away did there.

Usage: ORACLE_PYTHON tests/oracle/legacy_numpy.py    (see tools/oracle.sh)
"""

import io
import json
import os
import warnings

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "legacy_numpy.json")

EXPRESSIONS = """
np.bool is bool, isinstance(True, np.bool), np.bool(3) is True
np.int is int, np.float is float, np.complex is complex, np.object is object, np.str is str
np.long is int, np.unicode is str, np.int(2.7), np.float("1.5")
np.zeros(2, dtype=np.bool).dtype.str, np.zeros(2, np.int).dtype.str, np.zeros(2, np.float).dtype.str
[np.dtype(t).str for t in (np.float_, np.complex_, np.string_, np.unicode_, np.cfloat, np.singlecomplex)]
[np.dtype(t).str for t in (np.longfloat, np.longcomplex, np.clongfloat, np.bool8, np.int0, np.uint0, np.object0)]
[np.dtype(t).str for t in (np.bytes0, np.str0, np.void0, np.object, np.long, np.unicode)]
[str(x) for x in (np.Inf, np.Infinity, np.infty, np.PINF, np.NINF, np.NaN, np.NAN, np.PZERO, np.NZERO)]
np.CLIP, np.WRAP, np.RAISE, np.MAXDIMS, np.BUFSIZE, np.ALLOW_THREADS, np.MAY_SHARE_BOUNDS, np.MAY_SHARE_EXACT
np.take([1, 2, 3], [5, -4], mode=np.CLIP).tolist(), np.take([1, 2, 3], [5, -4], mode=np.WRAP).tolist()
np.product([[1, 2], [3, 4]]), np.product([[1, 2], [3, 4]], axis=0).tolist(), np.cumproduct([1, 2, 3]).tolist()
np.sometrue([0, 1]), np.alltrue([[0, 1], [1, 1]], axis=1).tolist(), np.round_(2.567, 1), np.math.factorial(5)
np.in1d([[1, 2], [3, 4]], [2, 3]).tolist(), np.in1d([1, 2], [2], invert=True).tolist()
np.row_stack([[1, 2], [3, 4]]).tolist(), np.trapz([1, 2, 4], dx=2.0), np.trapz([[1, 2], [3, 4]], axis=0).tolist()
np.msort([[3, 1], [2, 5]]).tolist(), np.fastCopyAndTranspose(np.array([[1, 2], [3, 4]])).tolist()
np.asfarray([1, 2]).dtype.str, np.asfarray([1, 2], np.int32).dtype.str, np.asfarray([1, 2], np.float32).dtype.str
np.asfarray([1, 2], "f4").dtype.str, np.asfarray([1j], np.complex64).dtype.str
type(np.mat([[1, 2], [3, 4]])).__name__, (np.mat("1 2; 3 4") * np.mat("1; 1")).tolist()
np.cast[np.float32]([1, 2]).dtype.str, np.cast["int8"](300.0 - 257).dtype.str, np.nbytes[np.float32], np.nbytes["int64"]
[[np.dtype(t).str for t in np.sctypes[k]] for k in ("int", "uint", "float", "complex", "others")]
[np.issctype(x) for x in (np.int32, int, "int32", np.dtype("f4"), 5, np.object_, type(None))]
[np.issubclass_(*x) for x in ((np.int32, np.integer), (int, str), ("a", str))], np.issubsctype("i8", np.integer)
np.dtype(np.obj2sctype("f4")).str, np.obj2sctype(np.array([1j])).__name__, np.obj2sctype("rubbish", 7), np.obj2sctype(5)
np.dtype(np.maximum_sctype("f4")).str, np.dtype(np.maximum_sctype(np.uint8)).str, np.dtype(np.maximum_sctype("c8")).str
[np.sctype2char(x) for x in (np.int32, np.float64, "U", np.array([1], "i2"))]
[np.find_common_type(*x).str for x in (([np.float32], [np.int64, np.float64]), ([np.int8], ["f8"]), (["i4", "f4"], []))]
[np.find_common_type(*x).str for x in (([], ["i4", "c8"]), (["u1", "i1"], ["i8"]), (["?"], ["i2"]))]
np.find_common_type([], []), np.safe_eval("[1, 'a', (2.5, None)]")
issubclass(np.VisibleDeprecationWarning, UserWarning), issubclass(np.AxisError, IndexError), np.RankWarning.__name__
np.compare_chararrays(np.array(["a", "b"]), np.array(["a", "c"]), "==", True).tolist()
np.byte_bounds(np.zeros(3))[1] - np.byte_bounds(np.zeros(3))[0] > 0, "float64" in np.typeDict
np.recfromcsv(io.StringIO("A,B\\n1,2.5\\n3,4.5"), encoding="utf-8").a.tolist()
np.recfromtxt(io.StringIO("1 2\\n3 4"), encoding="utf-8").tolist()
np.format_parser(["f8", "i4"], ["a", "b"], []).dtype.names
[a.shape for a in (np.array([[1, 2], [3]]), np.asarray([1, [2]]), np.array([[[1], [2]], [[3], [4, 5]]]))]
[np.array([[1, 2], [3]], None, ndmin=3).shape, np.asanyarray([np.zeros(2), np.zeros(3)], dtype=None).tolist()[1].shape]
np.array([1, 2], copy=False).tolist(), np.array(np.arange(3.0), np.float32, copy=False).dtype.char
repr(np.float32(0.1)), repr([np.float64(0.5)]), repr((np.int64(3), np.bool_(True))), repr(np.array([0.5, 1e-9]))
""".strip().splitlines()


def main() -> None:
    warnings.simplefilter("ignore")
    names = {name for name in dir(np) if not name.startswith("_")}
    names |= {"bool", "int", "float", "complex", "object", "str", "long", "unicode"}  # served without being listed
    results = {text: json.dumps(eval(text, {"np": np, "io": io}), default=lambda x: x.item()) for text in EXPRESSIONS}
    with open(GOLDEN, "w") as f:
        json.dump({"numpy": np.__version__, "names": sorted(names), "results": results}, f, indent=0)
        f.write("\n")


if __name__ == "__main__":
    main()
