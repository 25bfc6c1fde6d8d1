import logging

import mxnet as mx
from mxnet import autograd, gluon, lr_scheduler
from mxnet.gluon.data.vision import transforms

from classifier import get_model

try:
    from mxnet.contrib import amp
except ImportError:
    amp = None


class Averages(object):
    def __init__(self):
        self.metrics = [mx.metric.Accuracy(), mx.metric.TopKAccuracy(top_k=3)]
        self.loss = mx.metric.Loss()

    def update(self, labels, outputs, losses):
        for metric in self.metrics:
            metric.update(labels, outputs)
        self.loss.update(0, losses)


def batches(n=4, size=8):
    mx.random.seed(1)
    images = mx.nd.random.uniform(0, 255, shape=(n * size, 16, 16, 3)).astype("uint8")
    labels = mx.nd.arange(n * size) % 10
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.25)])
    data = gluon.data.ArrayDataset(images, labels).transform_first(transform)
    return gluon.data.DataLoader(data, batch_size=size, shuffle=True, last_batch="discard")


def train(epochs=2):
    ctx = [mx.cpu(0), mx.cpu(1)]
    net = get_model("small", ctx=ctx, classes=10)
    net.hybridize(static_alloc=True, static_shape=True)
    schedule = lr_scheduler.CosineScheduler(max_update=8, base_lr=0.1, warmup_steps=2)
    trainer = gluon.Trainer(net.collect_params(), "nag", {"lr_scheduler": schedule, "wd": 1e-4, "momentum": 0.9})
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    averages = Averages()
    for epoch in range(epochs):
        averages.loss.reset()
        for data, label in batches():
            xs = gluon.utils.split_and_load(data, ctx_list=ctx, batch_axis=0)
            ys = gluon.utils.split_and_load(label, ctx_list=ctx, batch_axis=0)
            with autograd.record():
                outputs = [net(x) for x in xs]
                losses = [loss_fn(out, y) for out, y in zip(outputs, ys)]
            autograd.backward(losses)
            trainer.step(data.shape[0])
            averages.update(ys, outputs, losses)
        logging.info("epoch %d: %s at %f", epoch, averages.loss.get(), trainer.learning_rate)
    net.save_parameters("small.params")
    mx.nd.waitall()
    return net


def train_asynchronously(net):
    store = mx.kv.create("dist_async")  # no servers here
    return gluon.Trainer(net.collect_params(), "sgd", kvstore=store)


def fast_kernel(source):
    module = mx.rtc.CudaModule(source, exports=["axpy"])
    return module.get_kernel("axpy", "const float *x, float *y, float alpha")


if __name__ == "__main__":
    train()
