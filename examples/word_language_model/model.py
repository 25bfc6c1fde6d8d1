"""A recurrent language model."""

from mxnet import gluon, init
from mxnet.gluon import nn, rnn


class RNNModel(gluon.HybridBlock):
    """Embedding, recurrent layers, and a dense layer to the words; it may have the embedding's weight."""

    def __init__(self, mode, vocab_size, num_embed, num_hidden, num_layers, dropout=0.5, rnn_dropout=0.0,
                 tie_weights=False, **kwargs):  # fmt: skip
        super(RNNModel, self).__init__(**kwargs)
        self.num_hidden = num_hidden
        with self.name_scope():
            self.drop = nn.Dropout(dropout)
            self.encoder = nn.Embedding(vocab_size, num_embed, weight_initializer=init.Uniform(0.1))
            if mode in ("rnn_relu", "rnn_tanh"):
                self.rnn = rnn.RNN(num_hidden, num_layers, activation=mode[4:], dropout=rnn_dropout,
                                   input_size=num_embed)  # fmt: skip
            elif mode == "lstm":
                self.rnn = rnn.LSTM(num_hidden, num_layers, dropout=rnn_dropout, input_size=num_embed)
            elif mode == "gru":
                self.rnn = rnn.GRU(num_hidden, num_layers, dropout=rnn_dropout, input_size=num_embed)
            else:
                raise ValueError("Invalid mode %s. Options are rnn_relu, rnn_tanh, lstm, and gru" % mode)
            if tie_weights:
                if num_embed != num_hidden:
                    raise ValueError("tied weights need as many hidden units as the embedding has")
                self.decoder = nn.Dense(vocab_size, in_units=num_hidden, params=self.encoder.params)
            else:
                self.decoder = nn.Dense(vocab_size, in_units=num_hidden)

    def hybrid_forward(self, F, inputs, hidden):  # noqa: N803
        emb = self.drop(self.encoder(inputs))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        return self.decoder(output.reshape((-1, self.num_hidden))), hidden

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)
