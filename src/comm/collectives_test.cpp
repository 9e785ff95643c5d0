// Every collective on 1 to 4 real processes, against plain arithmetic.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>

#include "base/random.h"
#include "comm/group.h"
#include "comm/testing_ranks.h"

namespace heliu::comm {
namespace {

using testing::Body;
using testing::Outcomes;

// Nothing, one, fewer than the ranks, odd, around one cache line, around the limits of the direct
// way (2048) and of a chunk (65536), and more than the ring holds (8 * 65536).
const std::vector<size_t> lengths{0, 1, 3, 17, 2048, 2049, 65536, 65537, 200001, 600011};

// Whole numbers below 2^12: their sums over 4 ranks are exact in f32.
float element(int rank, size_t index) {
  return float(int(random_bits(uint64_t(rank), index) % 4096));
}

std::vector<float> values(int rank, size_t count) {
  std::vector<float> all(count);
  for (size_t i = 0; i < count; ++i) all[i] = element(rank, i);
  return all;
}

float sum(int ranks, size_t index) {
  float total = 0;
  for (int rank = 0; rank < ranks; ++rank) total += element(rank, index);
  return total;
}

std::vector<float> sums(int ranks, size_t first, size_t count) {
  std::vector<float> all(count);
  for (size_t i = 0; i < count; ++i) all[i] = sum(ranks, first + i);
  return all;
}

// On 1, 2, 3 and 4 processes.
class Collective : public ::testing::TestWithParam<int> {
 protected:
  void holds(const Body& body) {
    EXPECT_EQ(testing::run_processes(GetParam(), body), Outcomes(size_t(GetParam()), ""));
  }
};

std::string ranks_name(const ::testing::TestParamInfo<int>& info) {
  return "Ranks" + std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(Comm, Collective, ::testing::Values(1, 2, 3, 4), ranks_name);

TEST_P(Collective, AllReduceAddsForAnyLength) {
  holds([](Group& group) {
    for (size_t length : lengths) {
      std::vector<float> data = values(group.rank(), length);
      group.all_reduce(data);
      EXPECT_EQ(data, sums(group.size(), 0, length)) << length;
    }
  });
}

TEST_P(Collective, AllReduceOfDoublesKeepsTheirPrecision) {
  holds([](Group& group) {
    for (size_t length : {size_t{0}, size_t{1}, size_t{5}, size_t{40000}}) {
      std::vector<double> data(length, 1 + 0x1p-40 * group.rank());
      group.all_reduce(data);
      int ranks = group.size();
      EXPECT_EQ(data, std::vector<double>(length, ranks + 0x1p-40 * (ranks * (ranks - 1) / 2)));
    }
  });
}

TEST_P(Collective, AllGatherPutsRanksSideBySide) {
  holds([](Group& group) {
    for (size_t length : lengths) {
      std::vector<float> all(length * size_t(group.size()), -1), expected;
      for (int rank = 0; rank < group.size(); ++rank)
        for (float value : values(rank, length)) expected.push_back(value);
      group.all_gather(values(group.rank(), length), all);
      EXPECT_EQ(all, expected) << length;
    }
  });
}

TEST_P(Collective, AllGatherTakesItsPartFromItsPlace) {
  holds([](Group& group) {
    std::vector<float> all(2 * size_t(group.size()), -1);
    std::span<float> mine = std::span(all).subspan(2 * size_t(group.rank()), 2);
    mine[0] = mine[1] = float(group.rank());
    group.all_gather(mine, all);
    for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], float(i / 2));
  });
}

TEST_P(Collective, ReduceScatterLeavesEachRankItsSliceOfTheSum) {
  holds([](Group& group) {
    for (size_t length : lengths) {
      std::vector<float> mine(length, -1);
      group.reduce_scatter(values(group.rank(), length * size_t(group.size())), mine);
      EXPECT_EQ(mine, sums(group.size(), length * size_t(group.rank()), length)) << length;
    }
  });
}

TEST_P(Collective, AllToAllTransposesTheSlices) {
  holds([](Group& group) {
    for (size_t length : lengths) {
      size_t ranks = size_t(group.size()), me = size_t(group.rank());
      std::vector<float> received(length * ranks, -1), expected;
      for (int rank = 0; rank < group.size(); ++rank)
        for (size_t i = 0; i < length; ++i) expected.push_back(element(rank, length * me + i));
      group.all_to_all(values(group.rank(), length * ranks), received);
      EXPECT_EQ(received, expected) << length;
    }
  });
}

TEST_P(Collective, BroadcastSpreadsEachRootsBytes) {
  holds([](Group& group) {
    for (int root = 0; root < group.size(); ++root)
      for (size_t length : lengths) {
        std::vector<float> data = values(group.rank(), length);
        group.broadcast(std::as_writable_bytes(std::span(data)), root);
        EXPECT_EQ(data, values(root, length)) << length;
      }
  });
}

TEST_P(Collective, MessagesGoRoundInOrderAndOfAnyLength) {
  holds([](Group& group) {
    if (group.size() == 1) return;
    int next = (group.rank() + 1) % group.size();
    int previous = (group.rank() + group.size() - 1) % group.size();
    for (size_t length : lengths) {
      std::vector<float> received(length), sent = values(group.rank(), length);
      auto send = [&] { group.send(std::as_bytes(std::span(sent)), next); };
      auto receive = [&] { group.receive(std::as_writable_bytes(std::span(received)), previous); };
      // Long messages need their receiver, so somebody has to begin with receiving.
      if (group.rank() == 0)
        send(), receive();
      else
        receive(), send();
      EXPECT_EQ(received, values(previous, length)) << length;
    }
  });
}

TEST_P(Collective, StartedOperationsMayBeEndedInAnyOrder) {
  holds([](Group& group) {
    std::vector<std::vector<float>> data;
    for (size_t length : lengths) data.push_back(values(group.rank(), length));
    std::vector<Pending> pending;
    for (auto& part : data) pending.push_back(group.start_all_reduce(part));
    // Each rank in an order of its own.
    for (size_t i = 0; i < pending.size(); ++i)
      group.wait(pending[(i * 3 + size_t(group.rank())) % pending.size()]);
    for (auto& part : data) EXPECT_EQ(part, sums(group.size(), 0, part.size()));
  });
}

TEST_P(Collective, OtherOperationsMayComeBetweenStartAndWait) {
  holds([](Group& group) {
    std::vector<float> early = values(group.rank(), 600011), late = values(group.rank(), 5);
    Pending pending = group.start_all_reduce(early);
    group.barrier();
    group.all_reduce(late);
    group.wait(pending);
    EXPECT_EQ(early, sums(group.size(), 0, 600011));
    EXPECT_EQ(late, sums(group.size(), 0, 5));
  });
}

TEST_P(Collective, AsManyAsPromisedMayBeUnderWay) {
  holds([](Group& group) {
    std::vector<float> data(Group::max_pending, 1);
    std::vector<Pending> pending;
    for (float& element : data) pending.push_back(group.start_all_reduce({&element, 1}));
    group.wait(pending.back());
    EXPECT_EQ(data, std::vector<float>(Group::max_pending, float(group.size())));
  });
}

// Uneven values, whose sum depends on the order of adding: every rank must have the same bits, and
// those of adding in rank order.
TEST_P(Collective, SumsHaveTheSameBitsEverywhere) {
  holds([](Group& group) {
    for (size_t length : {size_t{100}, size_t{70001}}) {
      std::vector<float> data(length), all(length * size_t(group.size())), in_order(length, 0.f);
      for (size_t i = 0; i < length; ++i)
        for (int rank = 0; rank < group.size(); ++rank) {
          float value = float(random_normal(uint64_t(rank), i));
          if (rank == group.rank()) data[i] = value;
          in_order[i] = rank == 0 ? value : in_order[i] + value;
        }
      group.all_reduce(data);
      EXPECT_EQ(std::memcmp(data.data(), in_order.data(), length * sizeof(float)), 0);
      group.all_gather(data, all);
      for (size_t rank = 0; rank < size_t(group.size()); ++rank)
        EXPECT_EQ(std::memcmp(&all[rank * length], data.data(), length * sizeof(float)), 0);
    }
  });
}

// The clock is that of the host, the same for all its processes.
double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TEST_P(Collective, BarrierHoldsAllUntilTheLastHasCome) {
  holds([](Group& group) {
    for (int late = 0; late < group.size(); ++late) {
      if (group.rank() == late) usleep(30000);
      double came_last = group.rank() == late ? now() : 0;
      group.barrier();
      double left = now();
      group.all_reduce(std::span(&came_last, 1));
      EXPECT_GE(left, came_last);
    }
  });
}

}  // namespace
}  // namespace heliu::comm
