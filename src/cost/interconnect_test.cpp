#include "cost/interconnect.h"

#include <gtest/gtest.h>

#include "cost/phrase.h"

namespace heliu::cost {
namespace {

TEST(NetworkBandwidth, IsReadFromEveryDescriptionInTheEvidence) {
  auto per_device = [](const std::string& text) { return network_bandwidth(text, 8); };

  EXPECT_DOUBLE_EQ(per_device("NVLink3; 4x100Gb RoCE per node"), 6.25e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink3 600GB/s; 4x Omni-Path 100Gb/s per node"), 6.25e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink4 900GB/s; IB NDR 400Gb/s per GPU"), 50e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink5 1800GB/s; IB XDR 800Gb/s per GPU"), 100e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink4; RDMA 400Gb/s per GPU"), 50e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink3; 8x HDR IB per node"), 25e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink; RoCE 1600Gb/s per node"), 25e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink4; RoCE 3200Gb/s per node (H100 section does not state it)"),
                   50e9);
  EXPECT_DOUBLE_EQ(per_device("NVLink3 (config intra 150 GB/s); inter-node 800 Gb/s per node "
                              "(config inter_node_bandwidth)"),
                   12.5e9);
}

TEST(NetworkBandwidth, IsThatOfTheComputingNetworkAmongSeveral) {
  auto per_device = [](const std::string& text) { return network_bandwidth(text, 8); };

  EXPECT_DOUBLE_EQ(per_device("NVLINK Gen4 900 GB/s + NVSWITCH Gen3; Storage: 2x ConnectX-7 IB NDR "
                              "400Gb/s, Compute: 8x ConnectX-7 IB NDR 400Gb/s, Management: 100Gb/s "
                              "Ethernet NIC"),
                   50e9);
  EXPECT_DOUBLE_EQ(
      per_device("NVLINK Gen4 900 GB/s + NVSWITCH Gen3; Management: 1x Bluefield-2 DPU "
                 "Ethernet 100Gb/Sec, Compute: 8x ConnectX-7 InfiniBand NDR 400Gb/Sec"),
      50e9);
  EXPECT_DOUBLE_EQ(
      per_device("NVLINK 4.0; 1x Ethernet 100Gb/Sec, 8x NVIDIA Quantum-2 CX7 InfiniBand "
                 "(400Gb/s)"),
      50e9);
  EXPECT_DOUBLE_EQ(
      per_device("NVLINK Gen4 900 GB/s + NVSWITCH Gen3; 8x ConnectX-7 IB NDR 400Gb/s + "
                 "200Gb/s Ethernet NIC"),
      50e9);
  EXPECT_DOUBLE_EQ(network_bandwidth("NVLINK Gen5 1800 GB/s + NVSWITCH Gen5; 4x ConnectX-7 IB NDR "
                                     "400Gb/s",
                                     4),
                   50e9);
}

TEST(NetworkBandwidth, IsNotThatOfTheLinksInsideANode) {
  EXPECT_EQ(network_bandwidth("NVLink5 1800GB/s per GPU NVL72 domain; IB", 4), 0);
  EXPECT_EQ(network_bandwidth("4x NVLink 600Gb/s; PCIe 64GB/s per GPU", 8), 0);
  EXPECT_EQ(network_bandwidth("Data bandwidth for GPU-PCIe: 504GB/s; Giga Ethernet", 8), 0);
}

TEST(NetworkBandwidth, TellsBitsFromBytes) {
  EXPECT_DOUBLE_EQ(network_bandwidth("RoCE 50 GB/s per GPU", 8), 50e9);
  EXPECT_DOUBLE_EQ(network_bandwidth("RoCE 400 Gb/s per GPU", 8), 50e9);
}

TEST(NetworkBandwidth, OfAnyTextIsANumber) {
  EXPECT_EQ(network_bandwidth("", 8), 0);
  EXPECT_EQ(network_bandwidth("fast", 8), 0);
  EXPECT_DOUBLE_EQ(network_bandwidth(std::string(1000, '9') + " Gb/s per GPU", 8), 1e9 * 1e9 / 8);
  EXPECT_EQ(network_bandwidth(std::string(1000000, 'x'), 8), 0);
  EXPECT_EQ(network_bandwidth("x Gb/s per GPU; xx; 8x", 8), 0);
}

TEST(NetworkName, IsThatOfItsKind) {
  EXPECT_EQ(network_name("4x Omni-Path 100Gb/s per node"), "omni-path");
  EXPECT_EQ(network_name("4x100Gb RoCE per node"), "roce");
  EXPECT_EQ(network_name("IB NDR 400Gb/s per GPU; 100Gb/s Ethernet"), "infiniband");
  EXPECT_EQ(network_name("Giga Ethernet"), "roce");
  EXPECT_EQ(network_name(""), "infiniband");
}

TEST(Phrase, FindsTheNumberBesideItsWords) {
  const std::string note = "first 3 layers dense, expert ffn 2048, 1 shared expert";

  EXPECT_EQ(number_after(note, "expert ffn ", 7), 2048);
  EXPECT_EQ(number_before(note, " shared expert", 7), 1);
  EXPECT_EQ(number_before(note, " layers dense", 7), 3);
  EXPECT_EQ(number_after(note, "window ", 7), 7);
  EXPECT_EQ(number_after("expert ffn, expert ffn 12", "expert ffn ", 7), 12);
}

TEST(Phrase, EndsNumbersWhereTheyGrowAbsurd) {
  EXPECT_EQ(number_after("ffn " + std::string(400, '9'), "ffn ", 0), 1'000'000'000);
}

}  // namespace
}  // namespace heliu::cost
