TP=2 # a comment
ARGS="--num-layers 4 --hidden-size 64 --num-attention-heads 4"
torchrun --nproc_per_node 8 pretrain_gpt.py $ARGS \
  --seq-length=32 --vocab-size 100 --tensor-model-parallel-size ${TP} --micro-batch-size 1 \
  --global-batch-size 8 --train-iters 5 --bf16 --unknown 'two words'
