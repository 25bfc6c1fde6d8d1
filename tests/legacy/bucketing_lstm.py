"""A language model over buckets of sentence lengths, with mx.rnn's cells, as MXNet's example has it."""

import logging
import random
import re

import mxnet as mx
import numpy as np


class Lines(logging.Handler):
    def emit(self, record):
        print(re.sub(r"(Speed: |cost=)[\d.]+", r"\1", record.getMessage()))


logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(logging.INFO)
random.seed(1)
np.random.seed(1)
mx.random.seed(1)

words = "the a cat dog bird sees hears likes big small red".split()
text = [[words[(i * 7 + j * j) % len(words)] for j in range(2 + i % 7)] for i in range(120)]
sentences, vocab = mx.rnn.encode_sentences(text, invalid_label=0, start_label=1)
print(len(vocab), sentences[5])
data_train = mx.rnn.BucketSentenceIter(sentences, 8, buckets=[4, 6, 8], invalid_label=0)
print(data_train.default_bucket_key, data_train.provide_data)


def train(cell, name, layout="NTC"):
    def sym_gen(seq_len):
        data = mx.sym.Variable("data")
        label = mx.sym.Variable("softmax_label")
        embed = mx.sym.Embedding(data=data, input_dim=len(vocab) + 1, output_dim=6, name="embed")
        cell.reset()
        outputs, states = cell.unroll(seq_len, inputs=embed, merge_outputs=True)
        pred = mx.sym.Reshape(outputs, shape=(-1, 10))
        pred = mx.sym.FullyConnected(data=pred, num_hidden=len(vocab) + 1, name="pred")
        label = mx.sym.Reshape(label, shape=(-1,))
        return mx.sym.SoftmaxOutput(data=pred, label=label, name="softmax"), ("data",), ("softmax_label",)

    model = mx.mod.BucketingModule(sym_gen, default_bucket_key=data_train.default_bucket_key, context=mx.cpu())
    model.fit(
        train_data=data_train,
        eval_metric=mx.metric.Perplexity(0),
        kvstore="device",
        optimizer="adam",
        optimizer_params={"learning_rate": 0.02, "wd": 0.0001},
        initializer=mx.init.Xavier(factor_type="in", magnitude=2.34),
        num_epoch=3,
        batch_end_callback=mx.callback.Speedometer(8, 5, auto_reset=False),
        epoch_end_callback=mx.rnn.do_rnn_checkpoint(cell, name, 3),
    )
    return model


stack = mx.rnn.SequentialRNNCell()
stack.add(mx.rnn.LSTMCell(num_hidden=10, prefix="lstm_l0_"))
stack.add(mx.rnn.LSTMCell(num_hidden=10, prefix="lstm_l1_"))
model = train(stack, "stack")
args, _ = model.get_params()
print(sorted(args))
for key in ("lstm_l0_i2h_bias", "embed_weight"):
    print(key, "%.5f" % args[key].norm().asscalar())

fused = mx.rnn.FusedRNNCell(10, num_layers=2, mode="gru", prefix="gru_")
model = train(fused, "fused")
args, _ = model.get_params()
print(sorted(args), "%.5f" % args["gru_parameters"].norm().asscalar())

# the fused network's checkpoint in cells that can be stepped
unfused = fused.unfuse()
sym, args, aux = mx.rnn.load_rnn_checkpoint(unfused, "fused", 3)
print(sorted(args))
outputs, _ = unfused.unroll(4, mx.sym.Variable("data"), merge_outputs=True)
exe = outputs.simple_bind(mx.cpu(), grad_req="null", data=(2, 4, 6))
exe.copy_params_from(args, aux, allow_extra_params=True)
print(exe.forward(data=mx.nd.arange(48).reshape((2, 4, 6)) / 48)[0].asnumpy()[:, :, 0])
