"""Cases of attention on interleaved projections. MXNet's CPU has it in float32 only."""

FLOAT = ["float32"]
QK, VALATT = "_contrib_interleaved_matmul_selfatt_qk", "_contrib_interleaved_matmul_selfatt_valatt"
ENCDEC_QK, ENCDEC_VALATT = "_contrib_interleaved_matmul_encdec_qk", "_contrib_interleaved_matmul_encdec_valatt"

CASES = [
    dict(op=QK, inputs=[(3, 2, 12)], attrs=dict(heads=2), dtypes=FLOAT),
    dict(op=QK, inputs=[(4, 1, 9)], attrs=dict(heads=1), dtypes=FLOAT),
    dict(op=QK, inputs=[(4, 2, 9)], attrs=dict(heads=3), dtypes=FLOAT),
    dict(op=QK, inputs=[(3, 12)], attrs=dict(heads=2), error=True),
    dict(op=QK, inputs=[(3, 2, 12)], error=True),
    dict(op=VALATT, inputs=[(3, 2, 12), (4, 3, 3)], attrs=dict(heads=2), dtypes=FLOAT),
    dict(op=VALATT, inputs=[(3, 2, 9), (6, 3, 3)], attrs=dict(heads=3), dtypes=FLOAT),
    dict(op=VALATT, inputs=[(3, 2, 12), (4, 3, 4)], attrs=dict(heads=2), error=True),
    dict(op=VALATT, inputs=[(3, 12), (4, 3, 3)], attrs=dict(heads=2), error=True),
    dict(op=ENCDEC_QK, inputs=[(3, 2, 4), (5, 2, 8)], attrs=dict(heads=2), dtypes=FLOAT),
    dict(op=ENCDEC_QK, inputs=[(3, 1, 6), (2, 1, 12)], attrs=dict(heads=3), dtypes=FLOAT),
    dict(op=ENCDEC_QK, inputs=[(3, 2, 4), (5, 2, 9)], attrs=dict(heads=2), error=True),
    dict(op=ENCDEC_QK, inputs=[(3, 2, 4), (5, 3, 8)], attrs=dict(heads=2), error=True),
    dict(op=ENCDEC_VALATT, inputs=[(5, 2, 8), (4, 3, 5)], attrs=dict(heads=2), dtypes=FLOAT),
    dict(op=ENCDEC_VALATT, inputs=[(2, 1, 12), (3, 4, 2)], attrs=dict(heads=3), dtypes=FLOAT),
    dict(op=ENCDEC_VALATT, inputs=[(5, 2, 8), (4, 3, 6)], attrs=dict(heads=2), error=True),
]
