// DescriptorTable: numbers of one process (POSIX: the lowest that is free).
#include <gtest/gtest.h>

#include "stack/socket/descriptors.h"

namespace tcptwin::socket {
namespace {

TEST(DescriptorTable, BeginsBehindTheStandardStreams) {
  DescriptorTable table;
  EXPECT_EQ(table.add(FileRef::socket(10), 100), 3);
  EXPECT_EQ(table.add(FileRef::socket(11), 100), 4);
}

TEST(DescriptorTable, FindsWhatWasAdded) {
  DescriptorTable table;
  table.add(FileRef::socket(10), 100);
  table.add(FileRef::socket(11), 100);
  EXPECT_EQ(table.find(3), FileRef::socket(10));
  EXPECT_EQ(table.find(4), FileRef::socket(11));
}

TEST(DescriptorTable, KnowsNoOthers) {
  DescriptorTable table;
  table.add(FileRef::socket(10), 100);
  for (const Descriptor fd : {-1, 0, 1, 2, 4, INT32_MAX, INT32_MIN}) {
    EXPECT_FALSE(table.find(fd).is_socket()) << fd;
  }
}

TEST(DescriptorTable, TheLowestFreeNumberIsGivenOutFirst) {
  DescriptorTable table;
  for (uint32_t i = 0; i < 5; ++i) table.add(FileRef::socket(i), 100);
  table.remove(6);
  table.remove(4);
  EXPECT_EQ(table.add(FileRef::socket(20), 100), 4);
  EXPECT_EQ(table.add(FileRef::socket(21), 100), 6);
  EXPECT_EQ(table.add(FileRef::socket(22), 100), 8);
}

TEST(DescriptorTable, ARemovedNumberIsUnknown) {
  DescriptorTable table;
  table.add(FileRef::socket(10), 100);
  table.remove(3);
  EXPECT_FALSE(table.find(3).is_open());
  table.remove(3);
  table.remove(99);
}

TEST(DescriptorTable, TheLimitCountsTheStandardStreams) {
  DescriptorTable table;
  EXPECT_EQ(table.add(FileRef::socket(1), 5), 3);
  EXPECT_EQ(table.add(FileRef::socket(2), 5), 4);
  EXPECT_EQ(table.add(FileRef::socket(3), 5), std::nullopt);
  table.remove(3);
  EXPECT_EQ(table.add(FileRef::socket(3), 5), 3);
}

}  // namespace
}  // namespace tcptwin::socket
