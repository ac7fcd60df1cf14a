// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A corpus of yesterday's formats teaches a fuzzer nothing, and looks as if it did. With
// CERCLE_CORPUS=write in the environment this test writes the files instead of judging them.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "tests/fuzz/seeds.h"

namespace {

using namespace cercle;

const std::filesystem::path corpus = std::filesystem::path(CERCLE_SOURCE_DIR) / "tests/fuzz/corpus";

Bytes bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_to(const std::filesystem::path& path, const Bytes& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

fuzz::Seeds all_seeds() {
    fuzz::Seeds seeds;
    fuzz::add_frames(seeds);
    fuzz::add_identity(seeds);
    fuzz::add_envelope(seeds);
    fuzz::add_client(seeds);
    fuzz::add_mls(seeds);
    fuzz::add_mls_joining(seeds);
    fuzz::add_relay(seeds);
    fuzz::add_device(seeds);
    return seeds;
}

bool writes() {
    const char* const wish = std::getenv("CERCLE_CORPUS");
    return wish != nullptr && std::string_view(wish) == "write";
}

}  // namespace

TEST_CASE("what fuzzing begins with is what real objects look like today") {
    const fuzz::Seeds seeds = all_seeds();
    CHECK(seeds.size() > 80);
    for (const fuzz::Seed& seed : seeds) {
        const auto path = corpus / seed.target / seed.name;
        INFO(path);
        CHECK(seed.bytes.size() <= 8192);
        if (writes()) {
            write_to(path, seed.bytes);
        } else {
            CHECK(bytes_of(path) == seed.bytes);
        }
    }
}
