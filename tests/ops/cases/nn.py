"""Cases of dense layers, activations, dropout, embedding and softmax."""

from ..spec import I, N, U, V

FLOATS = ["float32", "float64", "float16"]
EDGES = V([-100.0, -2.5, -1.0, -1e-3, 0.0, 1e-3, 1.0, 2.5, 19.0, 21.0, 60.0])
INDICES = I((2, 3), 0, 5)
# MXNet adds up in float16 itself, torch in float32
ROUGH = {"float16": (1e-2, 4e-3)}
# MXNet keeps constants and most attributes in float32
SINGLE = {"float64": (1e-6, 1e-7)}

CASES = [
    dict(op="FullyConnected", inputs=[(2, 3), (4, 3), (4,)], attrs=dict(num_hidden=4)),
    dict(op="FullyConnected", inputs=[(2, 3, 2), (4, 6), (4,)], attrs=dict(num_hidden=4)),
    dict(op="FullyConnected", inputs=[(2, 3, 2, 1), (4, 6)], attrs=dict(num_hidden=4, no_bias=True)),
    dict(op="FullyConnected", inputs=[(2, 3, 2), (4, 2), (4,)], attrs=dict(num_hidden=4, flatten=False)),
    dict(op="FullyConnected", inputs=[(3,), (4, 3)], attrs=dict(num_hidden=4, flatten=False, no_bias=True)),
    dict(op="FullyConnected", inputs=[(3,), (4, 1), (4,)], attrs=dict(num_hidden=4)),
    dict(op="FullyConnected", inputs=[(1, 1), (1, 1), (1,)], attrs=dict(num_hidden=1)),
    dict(op="FullyConnected", inputs=[(2, 3), (4, 3), (4,)], attrs=dict(num_hidden=5), error=True),
    dict(op="FullyConnected", inputs=[(2, 3), (4, 2), (4,)], attrs=dict(num_hidden=4), error=True),
    dict(op="FullyConnected", inputs=[(2, 3), (4, 3), (1, 4)], attrs=dict(num_hidden=4), error=True),
    dict(op="FullyConnected", inputs=[(2, 3), (4, 3), (3,)], attrs=dict(num_hidden=4), error=True),
    dict(op="FullyConnected", inputs=[(3,), (4, 3), (4,)], attrs=dict(num_hidden=4), error=True),
    dict(op="FullyConnected", inputs=[(2, 3), (4, 3), (4,)], error=True),
    dict(op="FullyConnected", inputs=[(2, 3), N(4, 3, dtype="int32"), (4,)], attrs=dict(num_hidden=4), error=True),
    dict(op="softmax", inputs=[(3, 4)], dtypes=FLOATS, tol=ROUGH),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(axis=0)),
    dict(op="softmax", inputs=[(2, 3, 4)], attrs=dict(axis=-2, temperature=2.5)),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(temperature=-1.0)),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(dtype="float64")),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(dtype="float32"), dtypes=["float16"]),
    # MXNet computes in the narrow type; we narrow the result
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(dtype="float16"), dtypes=["float32"], tol={"float32": (1e-2, 4e-3)}),
    dict(op="softmax", inputs=[(1,)]),
    dict(op="softmax", inputs=[V([[1000.0, 0.0, -1000.0], [5.0, 5.0, 5.0]])]),
    dict(op="softmax", inputs=[(3, 4), V([4, 2, 0], dtype="int32")], attrs=dict(use_length=True)),
    dict(op="softmax", inputs=[(3, 4), V([1, 2, 3, 0], dtype="int64")], attrs=dict(use_length=True, axis=0)),
    dict(
        op="softmax",
        inputs=[(2, 3, 2), V([[1, 3], [2, 1]], dtype="int32")],
        attrs=dict(use_length=True, axis=1, temperature=2.0),
    ),
    dict(op="softmax", inputs=[(3, 4), V([4, 2], dtype="int32")], attrs=dict(use_length=True), error=True),
    dict(op="softmax", inputs=[(3, 4), (3,)], attrs=dict(use_length=True), error=True),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(axis=2), error=True),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(axis=-3), error=True),
    dict(op="softmax", inputs=[(3, 4)], attrs=dict(dtype="int32"), error=True),
    dict(op="softmax", inputs=[I((3, 4), 0, 5)], dtypes=["int32"], error=True),
    dict(op="log_softmax", inputs=[(3, 4)], dtypes=FLOATS, tol=ROUGH),
    dict(op="log_softmax", inputs=[(2, 3, 4)], attrs=dict(axis=1, temperature=0.5)),
    dict(op="log_softmax", inputs=[(3, 4)], attrs=dict(dtype="float64")),
    dict(op="log_softmax", inputs=[V([[1000.0, 0.0, -1000.0], [5.0, 5.0, 5.0]])]),
    dict(op="log_softmax", inputs=[(3, 4)], attrs=dict(use_length=True), error=True),
    dict(op="log_softmax", inputs=[I((3, 4), 0, 5)], dtypes=["int32"], error=True),
    dict(op="softmin", inputs=[(3, 4)], dtypes=FLOATS, tol=ROUGH),
    dict(op="softmin", inputs=[(2, 3, 4)], attrs=dict(axis=1, temperature=0.5)),
    dict(op="softmin", inputs=[(3, 4)], attrs=dict(dtype="float64")),
    dict(op="softmin", inputs=[(3, 4)], attrs=dict(use_length=True), error=True),
    # MXNet has this one in float32 only
    dict(op="SoftmaxActivation", inputs=[(3, 4)], dtypes=["float32"]),
    # here MXNet's gradient is not that of its result
    dict(op="SoftmaxActivation", inputs=[(2, 3, 2)], dtypes=["float32"], grad=False),
    dict(op="SoftmaxActivation", inputs=[(2, 3, 2)], attrs=dict(mode="channel"), dtypes=["float32"]),
    dict(op="SoftmaxActivation", inputs=[(2, 3, 2, 2)], attrs=dict(mode="channel"), dtypes=["float32"]),
    dict(op="SoftmaxActivation", inputs=[(2, 3)], attrs=dict(mode="channel"), error=True),
    dict(op="SoftmaxActivation", inputs=[(2, 3)], attrs=dict(mode="row"), error=True),
    dict(op="Embedding", inputs=[INDICES, (5, 4)], attrs=dict(input_dim=5, output_dim=4)),
    dict(op="Embedding", inputs=[I((2, 3), 0, 5, dtype="int32"), (5, 4)], attrs=dict(input_dim=5, output_dim=4)),
    dict(
        op="Embedding",
        inputs=[I((4,), 0, 5, dtype="uint8"), (5, 4)],
        attrs=dict(input_dim=5, output_dim=4, dtype="float16"),
        dtypes=["float16"],
    ),
    dict(
        op="Embedding",
        inputs=[V([-1, -7, 5, 100, 1.7, -0.5, 0, 0], dtype="float32", grad=False), (5, 2)],
        attrs=dict(input_dim=5, output_dim=2),
    ),
    dict(op="Embedding", inputs=[INDICES, (5, 4)], attrs=dict(input_dim=6, output_dim=4), error=True),
    dict(op="Embedding", inputs=[INDICES, (5, 4)], attrs=dict(input_dim=5, output_dim=3), error=True),
    dict(op="Embedding", inputs=[INDICES, (5, 4)], attrs=dict(input_dim=5), error=True),
    dict(op="Dropout", inputs=[(4, 50)], train=True),
    dict(op="Dropout", inputs=[(4, 50)], dtypes=FLOATS),
    dict(op="Dropout", inputs=[(40,)], attrs=dict(p=0.2), train=True, dtypes=FLOATS, seed=7),
    dict(op="Dropout", inputs=[(40,)], attrs=dict(p=0.0), train=True),
    dict(op="Dropout", inputs=[(40,)], attrs=dict(p=1.0), train=True),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(mode="always", p=0.7)),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(mode="always"), record=False, grad=False),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(axes=(0,)), train=True),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(axes=(1,)), train=True),
    dict(op="Dropout", inputs=[(3, 4, 5)], attrs=dict(axes=(0, 2), p=0.3), train=True),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(axes=(-1,)), train=True, error=True),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(p=1.5), train=True, error=True),
    dict(op="Dropout", inputs=[(8, 5)], attrs=dict(p=-0.5), error=True),
    dict(op="Dropout", inputs=[I((8, 5), 0, 5)], dtypes=["int32"], attrs=dict(mode="always"), error=True),
    # rrelu: MXNet leaves its second output undefined in predict mode and crashes in train mode, see test_nn.py
    dict(op="LeakyReLU", inputs=[I((5,), -3, 3)], dtypes=["int32"], error=True),
    dict(op="LeakyReLU", inputs=[(2, 3)], attrs=dict(act_type="swish"), error=True),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (3,)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(2, 3), (3,)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (1,)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(4, 3, 2), (4,)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (2, 3)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (1, 3)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(3,), (3,)], attrs=dict(act_type="prelu"), tol=SINGLE),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (3, 2)], attrs=dict(act_type="prelu"), error=True),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), (4,)], attrs=dict(act_type="prelu"), error=True),
    dict(op="LeakyReLU", inputs=[(2, 3, 2), N(3, dtype="int32")], attrs=dict(act_type="prelu"), error=True),
]
for act in ("relu", "sigmoid", "softrelu", "softsign", "tanh"):
    CASES += [
        dict(op="Activation", inputs=[(3, 4)], attrs=dict(act_type=act), dtypes=FLOATS),
        dict(op="Activation", inputs=[EDGES], attrs=dict(act_type=act)),
        dict(op="Activation", inputs=[I((5,), -3, 3)], attrs=dict(act_type=act), dtypes=["int32"], error=True),
    ]
CASES += [
    dict(op="Activation", inputs=[(3, 4)], attrs=dict(act_type="gelu"), error=True),
    dict(op="Activation", inputs=[(3, 4)], error=True),
]
for act in ("leaky", "elu", "selu", "gelu"):
    wanted = act != "selu"  # MXNet has a wrong derivative there
    CASES += [
        dict(op="LeakyReLU", inputs=[(3, 4)], attrs=dict(act_type=act), dtypes=FLOATS, grad=wanted, tol=SINGLE),
        dict(op="LeakyReLU", inputs=[EDGES], attrs=dict(act_type=act, slope=0.01), grad=wanted, tol=SINGLE),
        dict(
            op="LeakyReLU", inputs=[U((2, 3, 2), -2, 2)], attrs=dict(act_type=act, slope=1.5), grad=wanted, tol=SINGLE
        ),
    ]
