// SHA-256 against the examples of FIPS 180-4, published by NIST.
#include <gtest/gtest.h>

#include "sim/programs/sha256.h"

namespace tcptwin::programs {
namespace {

TEST(Sha256, OfNothing) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, OfOneBlock) {
  EXPECT_EQ(sha256_hex(Payload::text("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, OfTwoBlocks) {  // 56 bytes: the length has no room in the first
  EXPECT_EQ(sha256_hex(Payload::text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, OfAMillionBytes) {
  EXPECT_EQ(sha256_hex(Payload::text(std::string(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnTheCut) {
  const Payload whole = Payload::synthetic(3, 5, 1000);
  const std::vector<uint8_t> bytes = whole.bytes();
  Sha256 at_once;
  at_once.add(bytes);
  const auto expected = at_once.digest();
  for (size_t cut = 0; cut <= bytes.size(); cut += 37) {
    Sha256 hash;
    hash.add(std::span(bytes).first(cut));
    hash.add(std::span(bytes).subspan(cut));
    EXPECT_EQ(hash.digest(), expected) << cut;
  }
}

}  // namespace
}  // namespace tcptwin::programs
