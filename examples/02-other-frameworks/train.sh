#!/bin/bash
# DeepSeek-V2-Lite on 48 devices, as a script for Megatron-LM has it.
TP=1
PP=3
MODEL_ARGS=(
    --num-layers 27 --hidden-size 2048 --ffn-hidden-size 10944 --num-attention-heads 16
    --seq-length 4096 --max-position-embeddings 163840
    --vocab-size 102400 --make-vocab-size-divisible-by 3200
    --swiglu --normalization RMSNorm --position-embedding-type rope --disable-bias-linear
    --untie-embeddings-and-output-weights --qk-layernorm
    --multi-latent-attention --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128
    --num-experts 64 --moe-router-topk 6 --moe-ffn-hidden-size 1408
    --moe-shared-expert-intermediate-size 2816 --moe-layer-freq "([0]+[1]*26)"
)
PARALLEL_ARGS="--tensor-model-parallel-size $TP --pipeline-model-parallel-size ${PP}
    --expert-model-parallel-size 8 --expert-tensor-parallel-size 1 --use-distributed-optimizer"
torchrun --nproc_per_node 8 --nnodes 6 pretrain_gpt.py "${MODEL_ARGS[@]}" $PARALLEL_ARGS \
    --micro-batch-size 1 --global-batch-size 1024 --train-iters 10000 --bf16 \
    --lr 4.2e-4 --min-lr 4.2e-5 --lr-warmup-iters 2000 --weight-decay 0.1 --adam-beta2 0.95 \
    --log-interval 10
