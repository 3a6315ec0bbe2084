"""Nets with several inputs or outputs: siamese, image with a table, two heads, recommenders, two towers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise, together


def encoder(outer: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12 * 16, outer),
    )


class Siamese(nn.Module):
    """One encoder for both images; the distance decides."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder(24)
        self.fc = nn.Linear(24, 1)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        distance = torch.abs(self.encoder(first) - self.encoder(second))
        return self.fc(distance)


class Triplet(nn.Module):
    """Normalised embeddings of three images."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = encoder(16)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> tuple[Tensor, Tensor]:
        a, p, n = (F.normalize(self.encoder(x), p=2, dim=1) for x in (anchor, positive, negative))
        return F.cosine_similarity(a, p), F.cosine_similarity(a, n)


class ImageTabular(nn.Module):
    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.cnn = encoder(24)
        self.tabular = nn.Sequential(nn.Linear(9, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 12), nn.ReLU())
        self.classifier = nn.Sequential(nn.Linear(24 + 12, 20), nn.ReLU(), nn.Linear(20, classes))

    def forward(self, image: Tensor, table: Tensor) -> Tensor:
        return self.classifier(torch.cat((F.relu(self.cnn(image)), self.tabular(table)), dim=1))


class MultiTask(nn.Module):
    """A shared trunk; class, regression, and the features themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = encoder(32)
        self.head_class = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 5))
        self.head_value = nn.Linear(32, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = torch.relu(self.trunk(x))
        return self.head_class(features), self.head_value(features), features


class WideAndDeep(nn.Module):
    """Embeddings of categories beside numbers; a wide linear part."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (12, 20, 7)
        self.embeddings = nn.ModuleList(nn.Embedding(n, 6) for n in sizes)
        self.deep = nn.Sequential(
            nn.Linear(18 + 5, 32), nn.ReLU(), nn.BatchNorm1d(32), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU()
        )
        self.wide = nn.Linear(5, 1)
        self.out = nn.Linear(16, 1)

    def forward(self, categories: Tensor, numbers: Tensor) -> Tensor:
        embedded = torch.cat([table(categories[:, i]) for i, table in enumerate(self.embeddings)], dim=1)
        deep = self.deep(torch.cat([embedded, numbers], dim=1))
        return torch.sigmoid(self.out(deep) + self.wide(numbers)).squeeze(1)


class DLRM(nn.Module):
    """Bottom MLP, dot products of all pairs, top MLP."""

    def __init__(self, dim: int = 12) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(nn.Embedding(n, dim) for n in (12, 20, 7))
        self.bottom = nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Linear(20, dim), nn.ReLU())
        self.top = nn.Sequential(nn.Linear(dim + 6, 24), nn.ReLU(), nn.Linear(24, 1))
        rows, columns = torch.tril_indices(4, 4, offset=-1)
        self.register_buffer("rows", rows)
        self.register_buffer("columns", columns)

    def forward(self, categories: Tensor, numbers: Tensor) -> Tensor:
        x = self.bottom(numbers)
        vectors = torch.stack([x] + [table(categories[:, i]) for i, table in enumerate(self.embeddings)], dim=1)
        dots = torch.bmm(vectors, vectors.transpose(1, 2))
        pairs = dots[:, self.rows, self.columns]
        return torch.sigmoid(self.top(torch.cat([x, pairs], dim=1)))


class NeuMF(nn.Module):
    """Collaborative filtering: a product of embeddings beside an MLP of others."""

    def __init__(self) -> None:
        super().__init__()
        self.user_mf, self.item_mf = nn.Embedding(20, 8), nn.Embedding(30, 8)
        self.user_mlp, self.item_mlp = nn.Embedding(20, 12), nn.Embedding(30, 12)
        self.fc_layers = nn.ModuleList([nn.Linear(24, 16), nn.Linear(16, 8)])
        self.affine_output = nn.Linear(16, 1)

    def forward(self, user: Tensor, item: Tensor) -> Tensor:
        vector = torch.cat([self.user_mlp(user), self.item_mlp(item)], dim=-1)
        for layer in self.fc_layers:
            vector = F.relu(layer(vector))
        product = torch.mul(self.user_mf(user), self.item_mf(item))
        return torch.sigmoid(self.affine_output(torch.cat([vector, product], dim=-1)))


class CLIP(nn.Module):
    """Two towers into one space; similarities of all pairs of a batch."""

    def __init__(self, dim: int = 16) -> None:
        super().__init__()
        self.image = encoder(24)
        self.visual_projection = nn.Parameter(torch.randn(24, dim) * 0.3)
        self.token_embedding = nn.Embedding(40, 20)
        self.text = nn.GRU(20, 20, batch_first=True)
        self.text_projection = nn.Linear(20, dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(1.2))

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        i = self.image(image) @ self.visual_projection
        t = self.text_projection(self.text(self.token_embedding(text))[0][:, -1])
        i = i / i.norm(dim=-1, keepdim=True)
        t = t / t.norm(dim=-1, keepdim=True)
        return self.logit_scale.exp() * i @ t.t()


class MixtureOfExperts(nn.Module):
    """Dense mixture: all experts run, a softmax weighs them."""

    def __init__(self, experts: int = 3) -> None:
        super().__init__()
        self.inlet = nn.Linear(10, 20)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(20, 24), nn.ReLU(), nn.Linear(24, 12)) for _ in range(experts))
        self.gate = nn.Linear(20, experts)
        self.out = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.inlet(x))
        weights = F.softmax(self.gate(x), dim=-1)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        return self.out(torch.einsum("be,bed->bd", weights, outputs))


class TabTransformer(nn.Module):
    """A token per column, nn.TransformerEncoder, flattened beside the numbers."""

    def __init__(self, dim: int = 16) -> None:
        super().__init__()
        self.embed = nn.Embedding(39, dim)
        self.register_buffer("offsets", torch.tensor([0, 12, 32]))
        layer = nn.TransformerEncoderLayer(dim, 4, 32, batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(5)
        self.mlp = nn.Sequential(nn.Linear(3 * dim + 5, 32), nn.SELU(), nn.Linear(32, 2))

    def forward(self, categories: Tensor, numbers: Tensor) -> Tensor:
        x = self.transformer(self.embed(categories + self.offsets))
        return self.mlp(torch.cat((x.flatten(1), self.norm(numbers)), dim=-1))


def ids(*sizes: int):
    """One column a size: [batch, columns], int64."""
    return lambda batch: (torch.stack([torch.randint(0, n, (batch,)) for n in sizes], dim=1),)


def one_id(size: int):
    return lambda batch: (torch.randint(0, size, (batch,)),)


IMAGE = images(1, 16)
TABLE = together(ids(12, 20, 7), noise(5))

NETS = {
    "siamese": Net(Siamese, together(IMAGE, IMAGE), ("first", "second"), notes="one encoder, two inputs"),
    "triplet": Net(
        Triplet,
        together(IMAGE, IMAGE, IMAGE),
        ("anchor", "positive", "negative"),
        ("near", "far"),
        notes="one encoder, three inputs, normalised",
    ),
    "image-tabular": Net(ImageTabular, together(IMAGE, noise(9)), ("image", "table")),
    "multi-task": Net(MultiTask, IMAGE, output_names=("classes", "value", "features"), notes="hidden features are an output"),
    "wide-deep": Net(WideAndDeep, TABLE, ("categories", "numbers"), notes="embeddings"),
    "dlrm": Net(DLRM, TABLE, ("categories", "numbers"), notes="dot products of embeddings and MLP output"),
    "neumf": Net(NeuMF, together(one_id(20), one_id(30)), ("user", "item")),
    "clip": Net(
        CLIP,
        together(IMAGE, lambda batch: (torch.randint(0, 40, (batch, 8)),)),
        ("image", "text"),
        ("similarity",),
        notes="two towers, both output axes are the batch",
    ),
    "moe": Net(MixtureOfExperts, noise(10), notes="dense mixture of experts, einsum"),
    "tab-transformer": Net(TabTransformer, TABLE, ("categories", "numbers"), notes="tokens flattened beside numbers"),
}
