#!/usr/bin/python3
"""Times a training step of the same GPT written plainly in PyTorch: the peer of bench/train_step.cpp.

Pre-norm blocks, learned positions, fused qkv, 4C feed-forward with exact GELU, head tied to the
token embedding, biases in all other linear layers, AdamW with f32 state; random tokens. bf16 is
torch.autocast around forward and loss, as its documentation asks.

Prints one JSON object. Where torch is absent it says so and exits 0. The environment chooses torch's
kernels and so belongs to every number: ATEN_CPU_CAPABILITY=default|avx2|avx512 and, for Debian's
OpenBLAS, OPENBLAS_CORETYPE (SkylakeX for AVX-512).
"""
import argparse
import contextlib
import json
import math
import os
import statistics
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    print("skipped: torch is not installed")
    sys.exit(0)


class Block(nn.Module):
    def __init__(self, hidden, heads, sequence):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.qkv, self.projection = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.expand, self.contract = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)
        later = torch.triu(torch.ones(sequence, sequence, dtype=torch.bool), diagonal=1)
        self.register_buffer("later", later)

    def attention(self, x):
        batch, sequence, hidden = x.shape
        q, k, v = (
            t.view(batch, sequence, self.heads, hidden // self.heads).transpose(1, 2)
            for t in self.qkv(x).split(hidden, dim=2)
        )
        if hasattr(F, "scaled_dot_product_attention"):  # torch 2
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(2, 3) / math.sqrt(hidden // self.heads)
            y = scores.masked_fill(self.later, -math.inf).softmax(-1) @ v
        return self.projection(y.transpose(1, 2).reshape(batch, sequence, hidden))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.tokens = nn.Embedding(options.vocabulary, options.hidden)
        self.positions = nn.Parameter(torch.zeros(options.sequence, options.hidden))
        self.blocks = nn.Sequential(
            *(Block(options.hidden, options.heads, options.sequence) for _ in range(options.layers))
        )
        self.norm = nn.LayerNorm(options.hidden)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, ids, targets):
        x = self.norm(self.blocks(self.tokens(ids) + self.positions))
        logits = F.linear(x, self.tokens.weight)
        return F.cross_entropy(logits.float().view(-1, logits.shape[-1]), targets.reshape(-1))


def arguments():
    parser = argparse.ArgumentParser(description="Times a GPT's training step in PyTorch.")
    for name, value in dict(layers=4, hidden=256, heads=8, sequence=128, vocabulary=4800, batch=16,
                            threads=2, steps=10).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    return parser.parse_args()


def timed_steps(options, model):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.1)
    generator = torch.Generator().manual_seed(1)
    times, losses = [], []
    for _ in range(options.steps + 1):  # the first warms up and is not counted
        drawn = torch.randint(options.vocabulary, (options.batch, options.sequence + 1), generator=generator)
        ids, targets = drawn[:, :-1].contiguous(), drawn[:, 1:].contiguous()
        bf16 = options.precision == "bf16"
        begin = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else contextlib.nullcontext():
            loss = model(ids, targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.perf_counter() - begin)
        losses.append(loss.item())
    return times[1:], losses


def capability():
    lines = torch.__config__.show().splitlines()
    return next((line.split(":")[1].strip() for line in lines if "CPU capability usage" in line), "unknown")


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Gpt(options)
    times, losses = timed_steps(options, model)
    median = statistics.median(times)
    print(json.dumps({
        "program": "torch " + torch.__version__,
        **vars(options),
        "parameters": sum(p.numel() for p in model.parameters()),
        "median_step_s": median,
        "best_step_s": min(times),
        "tokens_per_s": options.batch * options.sequence / median,
        "loss_first": losses[0],
        "loss_last": losses[-1],
        "capability": capability(),
        "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", ""),
    }))


main()
