#include "device/device.h"

#include <gtest/gtest.h>

#include <cstring>

#include "device/workbench.h"

namespace heliu::device {
namespace {

TEST(Backends, BeginWithTheReference) { EXPECT_EQ(backends().front(), "reference"); }

TEST(Backends, UnknownNameThrowsAndNamesIt) {
  try {
    open("abacus");
    FAIL() << "opened";
  } catch (const DeviceError& error) {
    EXPECT_STREQ(error.what(), "no such backend: abacus");
  }
}

class DeviceMemory : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(Device, DeviceMemory, testing::ValuesIn(subjects()), name_of);

TEST_P(DeviceMemory, GivesAlignedZeroedMemory) {
  Memory memory(*device_, 1000);

  char bytes[1000];
  std::memset(bytes, 1, sizeof bytes);
  device_->download(bytes, memory.data(), sizeof bytes);

  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.data()) % 64, 0u);
  for (char byte : bytes) ASSERT_EQ(byte, 0);
}

TEST_P(DeviceMemory, RefusesMoreMemoryThanThereIs) {
  EXPECT_THROW(Memory(*device_, size_t(-1)), DeviceError);
  EXPECT_THROW(Memory(*device_, size_t(1) << 60), DeviceError);
}

TEST_P(DeviceMemory, BringsBackWhatWasUploaded) {
  int values[] = {1, 2, 3}, back[3] = {};
  Memory memory(*device_, sizeof values);

  device_->upload(memory.data(), values, sizeof values);
  device_->download(back, memory.data(), sizeof back);

  EXPECT_EQ(std::memcmp(values, back, sizeof values), 0);
}

TEST_P(DeviceMemory, ZeroClearsExactlyTheBytesAsked) {
  unsigned char values[70];
  std::memset(values, 7, sizeof values);
  Memory memory(*device_, sizeof values);
  device_->upload(memory.data(), values, sizeof values);

  device_->zero(memory.as<char>() + 1, 67);

  device_->download(values, memory.data(), sizeof values);
  EXPECT_EQ(values[0], 7);
  for (int i = 1; i < 68; ++i) ASSERT_EQ(values[i], 0) << i;
  EXPECT_EQ(values[68], 7);
}

}  // namespace
}  // namespace heliu::device
