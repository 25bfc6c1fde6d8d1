import mxnet as mx
from mxnet import gluon, nd
from mxnet.gluon import Block, HybridBlock, nn, rnn

from . import helpers
from .helpers import masked_softmax


class Attention(HybridBlock):
    def __init__(self, units, dropout=0.1, prefix=None, params=None):
        super().__init__(prefix=prefix, params=params)
        with self.name_scope():
            self.query = nn.Dense(units, flatten=False, use_bias=False, prefix="query_")
            self.key = nn.Dense(units, flatten=False, use_bias=False, prefix="key_")
            self.dropout = nn.Dropout(dropout)
            self.norm = nn.LayerNorm()

    def hybrid_forward(self, F, x, mask=None):
        score = F.batch_dot(self.query(x), self.key(x), transpose_b=True)
        weights = self.dropout(masked_softmax(F, score, mask))
        return self.norm(helpers.gelu(F, F.batch_dot(weights, x)))


class Tagger(Block):
    def __init__(self, vocab_size, tags, units=8, **kwargs):
        super(Tagger, self).__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(vocab_size, units, weight_initializer=mx.init.Uniform(0.1))
            self.encoder = rnn.LSTM(units, num_layers=1, layout="NTC", bidirectional=True)
            self.attention = Attention(2 * units)
            self.output = nn.Dense(tags, flatten=False)

    def begin_state(self, *args, **kwargs):
        return self.encoder.begin_state(*args, **kwargs)

    def forward(self, words, lengths):
        encoded, _ = self.encoder(self.embedding(words), self.begin_state(batch_size=words.shape[0]))
        mask = helpers.length_mask(nd, words, lengths)
        square = nd.broadcast_mul(mask.expand_dims(1), mask.expand_dims(2))
        return self.output(self.attention(encoded, square))


def train(steps=3):
    mx.random.seed(3)
    net = Tagger(20, 5)
    net.initialize(mx.init.Xavier(), ctx=mx.cpu())
    trainer = gluon.Trainer(net.collect_params(), "adam", dict(learning_rate=0.01, clip_gradient=1.0))
    loss_fn = gluon.loss.SoftmaxCELoss(axis=-1, sparse_label=True)
    words = nd.array([[1, 2, 3, 4], [5, 6, 0, 0]])
    tags = nd.array([[1, 2, 3, 4], [0, 1, 0, 0]])
    lengths = nd.array([4, 2])
    for _ in range(steps):
        with mx.autograd.record():
            loss = loss_fn(net(words, lengths), tags).mean()
        loss.backward()
        grads = [p.grad() for p in net.collect_params().values() if p.grad_req != "null"]
        gluon.utils.clip_global_norm(grads, 5)
        trainer.step(1)
    params = net.collect_params(".*embedding")
    for name, param in params.items():
        param.set_data(nd.zeros_like(param.data()))
    alone = net.attention(nd.ones((1, 2, 16)))
    cell = rnn.GRUCell(4)
    cell.initialize()
    outputs, states = cell.unroll(2, nd.ones((1, 2, 3)), layout="NTC", merge_outputs=True)
    return loss.asscalar(), alone.shape, outputs.shape


def quantized(data, weights, state, lengths):
    return nd.contrib.quantized_rnn(data, weights, state, lengths)


def mistyped(x):
    return nn.Dense(4, activations="relu")(x)
