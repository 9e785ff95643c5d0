torchrun --nproc_per_node 8 pretrain_gpt.py \
  --num-layers twelve --hidden-size 768 --num-attention-heads 12 --seq-length 1024 \
  --vocab-size $VOCABULARY --tensor-model-parallel-size 3 --micro-batch-size 1 --train-iters 10
