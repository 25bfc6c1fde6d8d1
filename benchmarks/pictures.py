"""JPEG records -> decoded, resized, cropped, mirrored, in batches: pictures per second, and per second of a processor.

``PYTHON -m benchmarks.pictures [SIDE] [PICTURES] [--file FILE.rec]``. SIDE is ``mxgluon_compat`` (the default),
``torch``, or ``mxnet`` with an interpreter that has it. Pictures of 500 x 375 pixels become 3 x 224 x 224, float32,
normalised.
Without FILE.rec one is made, which the other sides can be given. One thread for each worker; 0 workers: in the process
itself. The file is in memory by then.
"""

import argparse
import os
import struct
import tempfile
import time

import numpy as np

SIDE, SHORT, BATCH = 224, 256, 32
MEAN, STD = (123.68, 116.28, 103.53), (58.395, 57.12, 57.375)


def write(path, count):
    """A record file of drawn pictures, and its index."""

    from mxgluon_compat import recordio

    y, x = np.mgrid[:375, :500]
    draws = np.random.RandomState(0)
    record = recordio.MXIndexedRecordIO(os.path.splitext(path)[0] + ".idx", path, "w")
    for i in range(count):
        waves = [np.sin(x / (5 + i % 13 + c) + i) * np.cos(y / (7 + i % 17)) for c in range(3)]
        picture = 128 + 90 * np.stack(waves, 2) + draws.normal(0, 12, (375, 500, 3))
        header = recordio.IRHeader(0, float(i % 10), i, 0)
        record.write_idx(i, recordio.pack_img(header, np.clip(picture, 0, 255).astype(np.uint8), quality=90))
    record.close()


def processors():
    """Seconds of processors' work so far, of this process with its threads and of ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def consume(batches):
    """Pictures per second, and per second of a processor's work; the latter without workers that still run."""
    count, start, work = 0, time.perf_counter(), processors()
    for batch in batches:
        count += len(batch)
    return count / (time.perf_counter() - start), count / (processors() - work)


def image_record_iter(mx, path, workers):
    """ImageRecordIter; 0 workers: nothing prepared ahead."""
    ahead = {} if workers or mx.__name__ == "mxnet" else {"prefetch_buffer": 0}
    made = mx.io.ImageRecordIter(
        path_imgrec=path, data_shape=(3, SIDE, SIDE), batch_size=BATCH, resize=SHORT, rand_crop=True, rand_mirror=True,
        preprocess_threads=max(workers, 1), verbose=False, round_batch=False, mean_r=MEAN[0], mean_g=MEAN[1],
        mean_b=MEAN[2], std_r=STD[0], std_g=STD[1], std_b=STD[2], **ahead,
    )  # fmt: skip

    def pictures():
        for batch in made:
            yield batch.data[0].asnumpy()[: BATCH - batch.pad]

    for _ in pictures():  # the first epoch warms up
        pass
    made.reset()
    return consume(pictures())


def gluon_loader(mx, path, workers):
    """ImageRecordDataset with transforms in a DataLoader."""
    transforms = mx.gluon.data.vision.transforms
    chain = transforms.Compose([
        transforms.Resize(SHORT, keep_ratio=True), transforms.RandomCrop(SIDE) if hasattr(transforms, "RandomCrop") else
        transforms.CenterCrop(SIDE), transforms.RandomFlipLeftRight(), transforms.ToTensor(),
        transforms.Normalize([m / 255 for m in MEAN], [s / 255 for s in STD]),
    ])  # fmt: skip
    data = mx.gluon.data.vision.ImageRecordDataset(path).transform_first(chain)
    loader = mx.gluon.data.DataLoader(data, BATCH, num_workers=workers)
    for _ in loader:
        pass
    return consume(x.asnumpy() for x, _ in loader)


class TorchRecords:
    """The same records and steps with OpenCV, as a torch Dataset."""

    def __init__(self, path):
        with open(os.path.splitext(path)[0] + ".idx") as file:
            self.offsets = [int(line.split("\t")[1]) for line in file]
        self.path, self.file = path, None

    def __len__(self):
        return len(self.offsets)

    def __getitem__(self, index):
        import cv2
        import torch

        if self.file is None:
            self.file = open(self.path, "rb")  # noqa: SIM115 - one for each process
        self.file.seek(self.offsets[index])
        size = struct.unpack("<II", self.file.read(8))[1] & ((1 << 29) - 1)
        content = self.file.read(size)[24:]
        picture = cv2.cvtColor(cv2.imdecode(np.frombuffer(content, np.uint8), 1), cv2.COLOR_BGR2RGB)
        h, w = picture.shape[:2]
        scale = SHORT / min(h, w)
        picture = cv2.resize(picture, (round(w * scale), round(h * scale)))
        y = np.random.randint(picture.shape[0] - SIDE + 1)
        x = np.random.randint(picture.shape[1] - SIDE + 1)
        picture = picture[y : y + SIDE, x : x + SIDE]
        if np.random.rand() < 0.5:
            picture = picture[:, ::-1]
        out = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float()
        return out.sub_(torch.tensor(MEAN).view(3, 1, 1)).div_(torch.tensor(STD).view(3, 1, 1))


def torch_loader(path, workers):
    import cv2
    import torch

    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    loader = torch.utils.data.DataLoader(TorchRecords(path), BATCH, num_workers=workers, persistent_workers=workers > 0)
    for _ in loader:
        pass
    return consume(x.numpy() for x in loader)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("side", nargs="?", default="mxgluon_compat")
    parser.add_argument("pictures", nargs="?", type=int, default=256)
    parser.add_argument("--file")
    parser.add_argument("--workers", type=int, nargs="*", default=[0, 1, 2])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or os.path.join(folder, "pictures.rec")
        if not os.path.exists(path):
            write(path, given.pictures)
        for workers in given.workers:
            if given.side == "torch":
                rates = {"DataLoader": torch_loader(path, workers)}
            else:
                mx = __import__(given.side)
                rates = {"ImageRecordIter": image_record_iter(mx, path, workers)}
                rates["ImageRecordDataset + DataLoader"] = gluon_loader(mx, path, workers)
            for name, (rate, per_core) in rates.items():
                core = (
                    f", {per_core:.0f} for each second of a processor"
                    if workers == 0 or name == "ImageRecordIter"
                    else ""
                )
                print(f"{given.side}, {workers} workers, {name}: {rate:.0f} pictures/s{core}", flush=True)


if __name__ == "__main__":
    main()
