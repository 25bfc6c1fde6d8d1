"""Cases of the operators about storage that MXNet runs on dense arrays too; sparse_*.py has the others."""

from tests.ops.spec import I, N

CASES = [
    {"op": "cast_storage", "inputs": [(3, 4)], "attrs": {"stype": "default"}, "dtypes": ("float32", "float64")},
    {"op": "cast_storage", "inputs": [(2, 3, 4)], "attrs": {"stype": "default"}, "grad": False,
     "dtypes": ("float16", "float32", "int32", "int64", "uint8")},
    {"op": "cast_storage", "inputs": [(4, 3)], "attrs": {"stype": "row_sparse"}, "grad": False},
    {"op": "cast_storage", "inputs": [(4, 3)], "attrs": {"stype": "csr"}, "grad": False},
    {"op": "cast_storage", "inputs": [(3, 4)], "attrs": {"stype": "coo"}, "error": True},
    {"op": "cast_storage", "inputs": [(3, 4)], "error": True},
    {"op": "_contrib_SparseEmbedding", "inputs": [I((2, 3), 0, 5), N(5, 4)], "grad": False,
     "attrs": {"input_dim": 5, "output_dim": 4}, "dtypes": ("float32", "float64")},
    {"op": "_contrib_SparseEmbedding", "inputs": [I((2, 3), 0, 5), N(5, 4)], "error": True,
     "attrs": {"input_dim": 5, "output_dim": 3}},
]  # fmt: skip
