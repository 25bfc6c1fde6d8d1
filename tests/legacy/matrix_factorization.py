"""Recommendation: matrix factorization with embeddings and biases, a deep variant, and a ranking loss."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(59)
np.random.seed(59)
num_users, num_items, num_factors = 12, 15, 4

P0, Q0 = np.random.normal(size=(num_users, 2)), np.random.normal(size=(num_items, 2))
users, items = np.nonzero(np.random.uniform(size=(num_users, num_items)) < 0.6)
scores = np.clip(np.round(3 + (P0[users] * Q0[items]).sum(axis=1)), 1, 5)
order = np.random.permutation(len(users))
dataset = gluon.data.ArrayDataset(
    *[a[order].astype(t) for a, t in ((users, "int32"), (items, "int32"), (scores, "float32"))]
)
train_iter = gluon.data.DataLoader(dataset, batch_size=20, last_batch="rollover")
print(len(dataset), len(train_iter), [float(v) for v in dataset[0]])


class MF(nn.Block):
    def __init__(self, num_factors, num_users, num_items, **kwargs):
        super(MF, self).__init__(**kwargs)
        self.P = nn.Embedding(input_dim=num_users, output_dim=num_factors)
        self.Q = nn.Embedding(input_dim=num_items, output_dim=num_factors)
        self.user_bias = nn.Embedding(num_users, 1)
        self.item_bias = nn.Embedding(num_items, 1)

    def forward(self, user_id, item_id):
        P_u = self.P(user_id)
        Q_i = self.Q(item_id)
        b_u = self.user_bias(user_id)
        b_i = self.item_bias(item_id)
        outputs = (P_u * Q_i).sum(axis=1) + b_u.squeeze() + b_i.squeeze()
        return outputs.flatten()


class NeuralCF(gluon.HybridBlock):
    def __init__(self, num_factors, num_users, num_items, hidden, **kwargs):
        super(NeuralCF, self).__init__(**kwargs)
        with self.name_scope():
            self.user = nn.Embedding(num_users, num_factors, weight_initializer=mx.init.Normal(0.1))
            self.item = nn.Embedding(num_items, num_factors, weight_initializer=mx.init.Normal(0.1))
            self.mlp = nn.HybridSequential()
            for h in hidden:
                self.mlp.add(nn.Dense(h, activation="relu", use_bias=True))
            self.out = nn.Dense(1, use_bias=False)

    def hybrid_forward(self, F, user_id, item_id):
        u, i = self.user(user_id), self.item(item_id)
        mlp = self.mlp(F.concat(u, i, dim=1))
        return self.out(F.concat(u * i, mlp, dim=1)).reshape((-1,))


def rmse(net):
    metric = mx.metric.RMSE()
    for u, i, s in train_iter:
        r_hat = net(u, i)
        metric.update(labels=[s], preds=[r_hat.reshape((-1,))])
    return float(metric.get()[1])


for net in (MF(num_factors, num_users, num_items), NeuralCF(num_factors, num_users, num_items, [6, 4], prefix="ncf_")):
    net.initialize(mx.init.Normal(0.1), force_reinit=True, ctx=mx.cpu())
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05, "wd": 1e-5})
    loss = gluon.loss.L2Loss()
    print(net)
    for epoch in range(4):
        total, n = 0, 0
        for u, i, s in train_iter:
            with autograd.record():
                l = loss(net(u, i).reshape((-1,)), s)
            l.backward()
            trainer.step(u.shape[0])
            total += l.sum().asscalar()
            n += s.size
        print("  epoch %d loss %.4f rmse %.4f" % (epoch, total / n, rmse(net)))
    print([(k, v.shape) for k, v in net._collect_params_with_prefix().items()])

# a ranking loss over pairs of items
model = MF(3, num_users, num_items, prefix="bpr_")
model.initialize(mx.init.Normal(0.3))
trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": 0.5})
user = nd.array(users[:16], dtype="int32")
positive, negative = nd.array(items[:16], dtype="int32"), nd.array((items[:16] + 7) % num_items, dtype="int32")
for _ in range(3):
    with autograd.record():
        distance = model(user, positive) - model(user, negative)
        loss = -nd.sum(nd.log(nd.sigmoid(distance)), axis=0, keepdims=True)
    loss.backward()
    trainer.step(16)
    print("bpr %.4f" % (loss.sum().asscalar() / 16))
touched = model.Q.weight.grad().abs().sum(axis=1) > 0
print(int(touched.sum().asscalar()), sorted(set(np.concatenate([items[:16], (items[:16] + 7) % num_items]).tolist())))
best = nd.topk(nd.dot(model.P.weight.data(), model.Q.weight.data().T), k=3, axis=1, ret_typ="value")
print(best.shape, "%.4f" % best[0, 0].asscalar())
