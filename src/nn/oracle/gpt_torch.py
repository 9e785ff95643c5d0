#!/usr/bin/python3
"""Prints gpt_torch.h: loss and gradients of the tests' tiny model as PyTorch's autograd finds them.

Nothing is shared with the C++ but the description: the model is written with torch's own layers
and loss in f64, the counter-based random numbers again in Python integers. Run it as
    src/nn/oracle/gpt_torch.py > src/nn/oracle/gpt_torch.h
(Debian: python3-torch) after the tiny model or the rule of initialisation changed.
"""
import math

import torch
import torch.nn.functional as F

LAYERS, HIDDEN, HEADS, FEED_FORWARD, SEQUENCE, VOCABULARY = 2, 8, 2, 20, 6, 11
SEED, BATCH_SEED, WEIGHT_SEED, SEQUENCES = 11, 3, 13, 2
MASK = (1 << 64) - 1


def random_bits(seed, index):
    z = (seed * 0xD1342543DE82EF95 + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def random_normal(seed, index):
    uniform = lambda i: (random_bits(seed, i) >> 11) * 2.0**-53
    return math.sqrt(-2 * math.log(1 - uniform(2 * index))) * math.cos(2 * math.pi * uniform(2 * index + 1))


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def tensor(name, rows, columns):
    """A matrix as initialised in f32, then widened."""
    deviation = 0.02
    if name.endswith(("projection.weight", "contract.weight")):
        deviation /= math.sqrt(2 * LAYERS)
    stream = random_bits(SEED, fnv1a(name))
    values = [deviation * random_normal(stream, i) for i in range(rows * columns)]
    return torch.tensor(values, dtype=torch.float32).double().view(rows, columns)


class Model:
    def __init__(self):
        self.parameters = {}
        self.matrix("embedding.tokens", VOCABULARY, HIDDEN)
        self.matrix("embedding.positions", SEQUENCE, HIDDEN)
        for i in range(LAYERS):
            self.norm(f"block.{i}.attention.norm")
            self.linear(f"block.{i}.attention.qkv", HIDDEN, 3 * HIDDEN)
            self.linear(f"block.{i}.attention.projection", HIDDEN, HIDDEN)
            self.norm(f"block.{i}.feed_forward.norm")
            self.linear(f"block.{i}.feed_forward.expand", HIDDEN, FEED_FORWARD)
            self.linear(f"block.{i}.feed_forward.contract", FEED_FORWARD, HIDDEN)
        self.norm("head.norm")
        for parameter in self.parameters.values():
            parameter.requires_grad_()

    def matrix(self, name, rows, columns):
        self.parameters[name] = tensor(name, rows, columns)

    def norm(self, name):
        self.parameters[name + ".gain"] = torch.ones(HIDDEN, dtype=torch.float64)
        self.parameters[name + ".bias"] = torch.zeros(HIDDEN, dtype=torch.float64)

    def linear(self, name, inputs, outputs):
        self.matrix(name + ".weight", inputs, outputs)
        self.parameters[name + ".bias"] = torch.zeros(outputs, dtype=torch.float64)

    def apply_norm(self, name, x):
        return F.layer_norm(x, (HIDDEN,), self.parameters[name + ".gain"], self.parameters[name + ".bias"], 1e-5)

    def apply_linear(self, name, x):
        return F.linear(x, self.parameters[name + ".weight"].t(), self.parameters[name + ".bias"])

    def attention(self, name, x):
        q, k, v = self.apply_linear(name + ".qkv", x).split(HIDDEN, dim=-1)
        heads = lambda t: t.view(SEQUENCES, SEQUENCE, HEADS, HIDDEN // HEADS).transpose(1, 2)
        scores = heads(q) @ heads(k).transpose(-1, -2) / math.sqrt(HIDDEN // HEADS)
        later = torch.triu(torch.ones(SEQUENCE, SEQUENCE, dtype=torch.bool), diagonal=1)
        context = scores.masked_fill(later, -math.inf).softmax(-1) @ heads(v)
        return self.apply_linear(name + ".projection", context.transpose(1, 2).reshape(x.shape))

    def loss_sum(self, ids, targets):
        tokens = self.parameters["embedding.tokens"]
        x = F.embedding(ids, tokens) + self.parameters["embedding.positions"]
        for i in range(LAYERS):
            attention, feed_forward = f"block.{i}.attention", f"block.{i}.feed_forward"
            x = x + self.attention(attention, self.apply_norm(attention + ".norm", x))
            h = F.gelu(self.apply_linear(feed_forward + ".expand", self.apply_norm(feed_forward + ".norm", x)))
            x = x + self.apply_linear(feed_forward + ".contract", h)
        logits = self.apply_norm("head.norm", x) @ tokens.t()
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1), reduction="sum")


def batch():
    one = lambda i: random_bits(BATCH_SEED, i) % VOCABULARY
    count = SEQUENCES * SEQUENCE
    ids = torch.tensor([one(i) for i in range(count)]).view(SEQUENCES, SEQUENCE)
    targets = torch.tensor([one(i + 1) for i in range(count)]).view(SEQUENCES, SEQUENCE)
    return ids, targets


def main():
    model = Model()
    loss = model.loss_sum(*batch())
    loss.backward()
    print("// Written by gpt_torch.py beside it, which says what the numbers are.")
    print("#pragma once\n\nnamespace heliu::nn::oracle {\n")
    print(f"inline constexpr double loss_sum = {loss.item():.12g};\n")
    print("// Euclidean norm, and the sum of gradient[i] * random_normal(13, i).")
    print("struct Gradient {\n  const char* tensor;\n  double norm, weighted_sum;\n};")
    print("inline constexpr Gradient gradients[] = {")
    for name, parameter in model.parameters.items():
        gradient = parameter.grad.reshape(-1)
        weights = torch.tensor([random_normal(WEIGHT_SEED, i) for i in range(len(gradient))], dtype=torch.float64)
        print(f'    {{"{name}", {gradient.norm().item():.10g}, {(gradient * weights).sum().item():.10g}}},')
    print("};\n\n}  // namespace heliu::nn::oracle")


main()
