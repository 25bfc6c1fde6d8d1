"""Writes tests/golden/numpy_extension.json: functions of mx.npx on arrays and symbols, what they refuse, files.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_extension
"""

import os
import tempfile

from tests.oracle.numpy_common import evaluated
from tests.oracle.scenario import write

# x is (2, 3), s a symbol of mx.np, u a picture (4, 4, 3) of uint8, f a file's name.
CALLS = """
npx.nonzero(np.array([[1, 0], [0, 2]]))
npx.nonzero(np.zeros((2,)))
npx.nonzero(np.ones((2, 1, 2)))
mx.nd.npx.nonzero(np.array([[1, 0], [0, 2]]))
npx.reshape(x, (-2, -1))
npx.reshape(x, (-5,))
npx.reshape(x, -1)
npx.reshape(x, (3, -1), reverse=True)
npx.reshape(np.zeros((2, 3, 4, 5)), (-6, 1, 2, -2, 20)).shape
npx.reshape(np.zeros((2, 3, 4, 5)), (-6, 1, 2, -4)).shape
npx.reshape(np.zeros((2, 1, 4, 5)), (-2, -3, -4)).shape
npx.reshape(np.zeros((2, 3, 4, 5)), (-2, -3, -4))
npx.reshape(x, (3, 3))
npx.reshape(a=x, newshape=(6,))
mx.nd.npx.reshape(x, newshape=(-2, -1))
npx.constraint_check(np.array([True, True], dtype='bool'), 'm')
npx.constraint_check(np.array([True, False], dtype='bool'), 'm')
npx.constraint_check(np.array([1, 1]), 'm')
npx.constraint_check(True, 'm')
npx.cast(x, dtype='int32')
npx.relu(x - 2)
npx.relu(3)
npx.sigmoid(x)
npx.topk(x, k=2, ret_typ='both')
npx.topk(x)
npx.pick(x, np.array([0, 1]))
npx.pick(x, np.array([0, 1]), foo=3)
npx.one_hot(np.array([0, 1]), 3)
npx.softmax(x)
npx.softmax(x, axis=0, temperature=2.0)
npx.softmax(x, np.array([1, 2], dtype='int32'), use_length=True, axis=1)
npx.log_softmax(x)
npx.gamma(x + 1)
npx.gammaln(x + 1)
npx.erf(x)
npx.erfinv(x / 10)
npx.smooth_l1(x, scalar=1.0)
npx.sequence_mask(x, np.array([1, 2, 1]), use_sequence_length=True)
npx.sequence_mask(x, np.array([1, 2]), use_sequence_length=True, axis=1, value=-1)
npx.gather_nd(x, np.array([[0, 1], [1, 2]]))
npx.arange_like(x)
npx.arange_like(x, axis=1)
npx.shape_array(x)
npx.shape_array(np.array(3.0))
npx.reshape_like(x, np.zeros((3, 2)))
npx.batch_dot(np.ones((2, 3, 4)), np.ones((2, 4, 5)))
npx.batch_flatten(np.ones((2, 3, 4))).shape
npx.batch_flatten(np.ones((2,))).shape
npx.activation(x, act_type='tanh')
npx.activation(x)
npx.leaky_relu(x - 3, act_type='leaky', slope=0.1)
npx.leaky_relu(x - 3, np.array([0.5]), act_type='prelu')
npx.layer_norm(x, np.ones(3), np.zeros(3))
npx.batch_norm(x, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3))
npx.embedding(np.array([0, 1]), x, input_dim=2, output_dim=3)
npx.fully_connected(x, np.ones((2, 3)), np.ones(2), num_hidden=2)
npx.fully_connected(x, np.ones((2, 3)), num_hidden=2, no_bias=True)
npx.fully_connected(mx.nd.ones((2, 3)), np.ones((2, 3)), num_hidden=2, no_bias=True)
mx.nd.FullyConnected(x, np.ones((2, 3)), num_hidden=2, no_bias=True)
npx.convolution(np.ones((1, 2, 4, 4)), np.ones((3, 2, 2, 2)), kernel=(2, 2), num_filter=3, no_bias=True)
npx.deconvolution(np.ones((1, 2, 2, 2)), np.ones((2, 1, 2, 2)), kernel=(2, 2), num_filter=1, no_bias=True)
npx.pooling(np.ones((1, 1, 4, 4)), kernel=(2, 2), pool_type='avg')
npx.dropout(x, p=0.5)
npx.slice(x, begin=(0, 1), end=(2, 3))
npx.multibox_prior(np.ones((1, 3, 2, 2)), sizes=(0.5, 0.2), ratios=(1, 2))
npx.roi_pooling(np.ones((1, 1, 4, 4)), np.array([[0, 0, 0, 2, 2]]), pooled_size=(2, 2), spatial_scale=1.0)
npx.rnn(np.ones((2, 1, 2)), np.ones((12,)) / 10, np.ones((1, 1, 2)), mode='rnn_tanh', state_size=2, num_layers=1)
npx.random.bernoulli(prob=0.5, size=(2, 3))
npx.random.bernoulli(prob=np.array([0.1, 0.9]), size=(2, 2))
npx.random.bernoulli(logit=np.array([0.1, 0.9]))
npx.random.bernoulli(prob=0.5, logit=0.5)
npx.random.bernoulli()
npx.random.bernoulli(prob=0.5).shape
npx.random.bernoulli(prob=0.5, size=3, dtype='int32')
npx.random.bernoulli(prob=0.5, size=3, dtype='bool')
npx.random.normal_n(0.0, 1.0, batch_shape=(2,))
npx.random.normal_n(np.zeros((3,)), np.ones((3,)), batch_shape=(2,))
npx.random.normal_n(np.zeros((3,)), 1.0, batch_shape=2)
npx.random.normal_n().shape
npx.random.normal_n(np.zeros((3, 1)), np.ones((1, 2)))
npx.random.uniform_n(0.0, 1.0, batch_shape=(2,))
npx.random.uniform_n(np.zeros((3,)), np.ones((3,)), batch_shape=(2,), dtype='float64')
[npx.random.seed(3), npx.random.uniform_n(batch_shape=3)]
[npx.random.seed(3, ctx=npx.cpu()), npx.random.uniform_n(batch_shape=3)]
npx.image.to_tensor(u)
npx.image.normalize(np.ones((3, 2, 2)), mean=(0.1, 0.2, 0.3), std=0.5)
npx.image.resize(u, size=(2, 2))
npx.image.crop(u, 0, 1, 2, 3)
npx.image.flip_left_right(u)
npx.image.flip_top_bottom(u)
npx.image.random_flip_left_right(u).shape
npx.image.random_brightness(u.astype('float32'), 0.5, 1.5)
npx.image.random_contrast(u.astype('float32'), 0.5, 1.5)
npx.image.random_saturation(u.astype('float32'), 0.5, 1.5)
npx.image.random_hue(u.astype('float32'), 0.5, 1.5)
npx.image.adjust_lighting(u.astype('float32'), (0.1, 0.2, 0.3))
[npx.save(f, x), npx.load(f)]
[npx.save(f, [x, np.array(3.0)]), npx.load(f)]
[npx.save(f, {'a': x, 'b': np.array(3.0), 'e': np.zeros((0, 3)), 'i': np.array([1, 2], dtype='int64')}), npx.load(f)]
[npx.save(f, []), npx.load(f)]
npx.save(f, {'a': mx.nd.ones(3)})
npx.save(f, mx.nd.ones(3))
npx.save(f, [1])
npx.load(3)
mx.nd.save(f, x)
mx.nd.save(f, [x])
mx.nd.save(f, {'x': x})
[npx.save(f, {'a': x}), mx.nd.load(f)]
[mx.nd.save(f, {'a': mx.nd.ones((2, 2))}), npx.load(f)]
npx.waitall()
str(npx.current_context())
str(npx.Context('cpu', 1))
npx.get_cuda_compute_capability(npx.cpu())
"""
GRAPHS = """
mx.sym.npx.nonzero(s)
mx.sym.npx.reshape(s, (-2, -1))
mx.sym.npx.constraint_check(s, msg='mess')
mx.sym.npx.relu(s)
mx.sym.npx.sigmoid(s)
mx.sym.npx.softmax(s, axis=1)
mx.sym.npx.slice(s, begin=(0,), end=(1,))
mx.sym.npx.fully_connected(s, num_hidden=3)
mx.sym.npx.batch_norm(s)
mx.sym.npx.topk(s, k=2, ret_typ='both')
mx.sym.npx.batch_flatten(s)
mx.sym.npx.random.bernoulli(prob=0.5, size=(2, 3))
mx.sym.npx.random.bernoulli(prob=s, size=(2, 3))
mx.sym.npx.random.bernoulli(logit=0.5, size=(2, 3), dtype='int32')
mx.sym.npx.random.normal_n(s, 1.0, batch_shape=(2,))
mx.sym.npx.random.normal_n(0.0, 1.0, batch_shape=(2,))
mx.sym.npx.random.normal_n(s, s, batch_shape=(2,))
mx.sym.npx.random.uniform_n(s, 1.0, batch_shape=(2,))
mx.sym.npx.random.uniform_n(0.0, 1.0)
mx.sym.npx.random.uniform_n(0.0, s)
mx.sym.npx.image.to_tensor(s)
mx.sym.npx.image.resize(s, size=3)
mx.sym.npx.relu(mx.sym.var('legacy'))
mx.sym.FullyConnected(s, num_hidden=3)
"""


def results(mx):
    with tempfile.TemporaryDirectory() as folder:

        def names():
            np = mx.np
            return {
                "x": np.array([[0, 1, 2], [3, 4, 5]]),
                "u": mx.nd.arange(48, dtype="uint8").reshape((4, 4, 3)).as_np_ndarray(),
                "s": mx.sym.var("s").as_np_ndarray(),
                "f": os.path.join(folder, "arrays"),
            }

        mx.npx.set_np()
        try:
            return evaluated(mx, CALLS + GRAPHS.lstrip(), names)
        finally:
            mx.npx.reset_np()


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("numpy_extension", results(mxnet))
