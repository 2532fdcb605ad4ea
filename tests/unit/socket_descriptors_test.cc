// DescriptorTable: numbers of one process (POSIX: the lowest that is free).
#include <gtest/gtest.h>

#include "stack/socket/socket.h"

namespace tcptwin::socket {
namespace {

TEST(DescriptorTable, BeginsBehindTheStandardStreams) {
  DescriptorTable table;
  EXPECT_EQ(table.add(10), 3);
  EXPECT_EQ(table.add(11), 4);
}

TEST(DescriptorTable, FindsWhatWasAdded) {
  DescriptorTable table;
  table.add(10);
  table.add(11);
  EXPECT_EQ(table.find(3), 10u);
  EXPECT_EQ(table.find(4), 11u);
}

TEST(DescriptorTable, KnowsNoOthers) {
  DescriptorTable table;
  table.add(10);
  for (const Descriptor fd : {-1, 0, 1, 2, 4, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(table.find(fd), kNoIndex) << fd;
  }
}

TEST(DescriptorTable, TheLowestFreeNumberIsGivenOutFirst) {
  DescriptorTable table;
  for (uint32_t i = 0; i < 5; ++i) table.add(i);
  table.remove(6);
  table.remove(4);
  EXPECT_EQ(table.add(20), 4);
  EXPECT_EQ(table.add(21), 6);
  EXPECT_EQ(table.add(22), 8);
}

TEST(DescriptorTable, ARemovedNumberIsUnknown) {
  DescriptorTable table;
  table.add(10);
  table.remove(3);
  EXPECT_EQ(table.find(3), kNoIndex);
  table.remove(3);
  table.remove(99);
}

}  // namespace
}  // namespace tcptwin::socket
