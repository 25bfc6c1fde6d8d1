"""Convolutional nets on mx.np: own layers, residual blocks, hybridized, saved, exported, loaded; boxes."""

import mxnet as mx
from mxnet import autograd, context, gluon, init, np, npx
from mxnet.gluon import nn
from mxnet.gluon.data.vision import transforms

npx.set_np()
mx.random.seed(4)


def corr2d(X, K):
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


X = np.ones((6, 8))
X[:, 2:6] = 0
print(corr2d(X, np.array([[1, -1]])))
conv = nn.Conv2D(1, kernel_size=(1, 2), use_bias=False)
conv.initialize()
X4, Y4 = X.reshape(1, 1, 6, 8), corr2d(X, np.array([[1, -1]])).reshape(1, 1, 6, 7)
for i in range(4):
    with autograd.record():
        l = (conv(X4) - Y4) ** 2
    l.backward()
    conv.weight.data()[:] -= 3e-2 * conv.weight.grad()
    print(f"batch {i + 1}, loss {float(l.sum()):f}")
print(conv.weight.data().reshape((1, 2)))


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not autograd.is_training():
        X_hat = (X - moving_mean) / np.sqrt(moving_var + eps)
    else:
        axes = 0 if len(X.shape) == 2 else (0, 2, 3)
        mean = X.mean(axis=axes, keepdims=True)
        var = ((X - mean) ** 2).mean(axis=axes, keepdims=True)
        X_hat = (X - mean) / np.sqrt(var + eps)
        moving_mean = momentum * moving_mean + (1.0 - momentum) * mean
        moving_var = momentum * moving_var + (1.0 - momentum) * var
    return gamma * X_hat + beta, moving_mean, moving_var


class BatchNorm(nn.Block):
    def __init__(self, num_features, num_dims, **kwargs):
        super().__init__(**kwargs)
        shape = (1, num_features) if num_dims == 2 else (1, num_features, 1, 1)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        self.moving_mean, self.moving_var = np.zeros(shape), np.ones(shape)

    def forward(self, X):
        if self.moving_mean.ctx != X.ctx:
            self.moving_mean = self.moving_mean.copyto(X.ctx)
            self.moving_var = self.moving_var.copyto(X.ctx)
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma.data(), self.beta.data(), self.moving_mean, self.moving_var, eps=1e-5, momentum=0.9
        )
        return Y


class Residual(nn.HybridBlock):
    def __init__(self, channels, strides=1, wider=False, **kwargs):
        super().__init__(**kwargs)
        self.conv1 = nn.Conv2D(channels, kernel_size=3, padding=1, strides=strides)
        self.conv2 = nn.Conv2D(channels, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2D(channels, kernel_size=1, strides=strides) if wider else None
        self.bn1, self.bn2 = nn.BatchNorm(), nn.BatchNorm()

    def hybrid_forward(self, F, X):
        Y = F.npx.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        if self.conv3 is not None:
            X = self.conv3(X)
        return F.npx.relu(Y + X)


pictures = np.random.uniform(size=(12, 1, 8, 8))
labels = np.array([0, 1, 2] * 4)
lenet = nn.Sequential()
lenet.add(
    nn.Conv2D(4, kernel_size=3, padding=1), BatchNorm(4, 4), nn.Activation("sigmoid"),
    nn.AvgPool2D(pool_size=2, strides=2), nn.Dense(10), BatchNorm(10, 2), nn.Activation("sigmoid"), nn.Dense(3),
)  # fmt: skip
resnet = nn.HybridSequential()
resnet.add(
    nn.Conv2D(4, kernel_size=3, padding=1), nn.BatchNorm(), nn.Activation("relu"), Residual(4),
    Residual(8, strides=2, wider=True), nn.GlobalAvgPool2D(), nn.Dense(3),
)  # fmt: skip
loss = gluon.loss.SoftmaxCrossEntropyLoss()
for net in (lenet, resnet):
    net.initialize(init.Xavier(), force_reinit=True, ctx=context.cpu())
    if net is resnet:
        net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(pictures, labels), 6)
    for epoch in range(2):
        total = 0.0
        for X, y in loader:
            with autograd.record():
                l = loss(net(X), y)
            l.backward()
            trainer.step(len(y))
            total += float(l.sum())
        correct = float((net(pictures).argmax(axis=1).astype("int64") == labels.astype("int64")).sum())
        print(f"loss {total / len(labels):f}, accuracy {correct / len(labels):f}")
print(lenet[1].gamma.data().reshape(-1).round(4), lenet[1].moving_mean.reshape(-1).round(4))
lenet[0].save_parameters("conv.params")
print(sorted(npx.load("conv.params")))
resnet.export("resnet")
imported = gluon.SymbolBlock.imports("resnet-symbol.json", ["data"], "resnet-0000.params")
print(np.abs(imported(pictures) - resnet(pictures)).max() < 1e-5, type(imported(pictures)).__name__)
npx.save("arrays", {"pictures": pictures, "labels": labels})
found = npx.load("arrays")
print(sorted(found), found["labels"], found["pictures"].shape)

# transforms
shown = transforms.Compose([transforms.Resize(4), transforms.ToTensor(), transforms.Normalize(0.5, 0.25)])
picture = np.arange(192).reshape(8, 8, 3).astype("uint8")
print(type(shown(picture)).__name__, shown(picture).shape, shown(picture)[0, 0])


# boxes
def multibox_prior(data, sizes, ratios):
    height, width = data.shape[-2:]
    size, ratio = np.array(sizes), np.array(ratios)
    center_h = (np.arange(height) + 0.5) / height
    center_w = (np.arange(width) + 0.5) / width
    shift_x, shift_y = np.meshgrid(center_w, center_h)
    shift_x, shift_y = shift_x.reshape(-1), shift_y.reshape(-1)
    w = np.concatenate((size * np.sqrt(ratio[0]), sizes[0] * np.sqrt(ratio[1:]))) * height / width
    h = np.concatenate((size / np.sqrt(ratio[0]), sizes[0] / np.sqrt(ratio[1:])))
    per_pixel = len(sizes) + len(ratios) - 1
    manipulations = np.tile(np.stack((-w, -h, w, h)).T, (height * width, 1)) / 2
    grid = np.stack([shift_x, shift_y, shift_x, shift_y], axis=1).repeat(per_pixel, axis=0)
    return np.expand_dims(grid + manipulations, axis=0)


def box_iou(boxes1, boxes2):
    areas1, areas2 = (((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])) for b in (boxes1, boxes2))
    upper = np.maximum(boxes1[:, None, :2], boxes2[:, :2])
    lower = np.minimum(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (lower - upper).clip(min=0)
    inter = inter[:, :, 0] * inter[:, :, 1]
    return inter / (areas1[:, None] + areas2 - inter)


anchors = multibox_prior(np.zeros((1, 3, 2, 3)), [0.75, 0.5], [1, 2])
print(anchors.shape, anchors[0, :3])
print(np.abs(anchors - npx.multibox_prior(np.zeros((1, 3, 2, 3)), sizes=[0.75, 0.5], ratios=[1, 2])).max() < 0.5)
truth = np.array([[0.1, 0.08, 0.52, 0.92], [0.55, 0.2, 0.9, 0.88]])
iou = box_iou(anchors[0], truth)
best, which = np.max(iou, axis=1), np.argmax(iou, axis=1)
assigned = np.full((len(best),), -1, dtype=np.int32)
chosen = np.nonzero(best >= 0.4)[0]
assigned[chosen] = which[best >= 0.4]
print(iou.round(3)[:4], assigned)
scores = np.array([0.9, 0.8, 0.7, 0.95])
order, kept = scores.argsort()[::-1], []
while order.size > 0:
    i = order[0]
    kept.append(int(i))
    if order.size == 1:
        break
    overlaps = box_iou(anchors[0][int(i)].reshape(-1, 4), anchors[0][order[1:].astype("int32")]).reshape(-1)
    left = np.nonzero(overlaps <= 0.3)[0]
    order = order[left + 1]
print(kept)
