// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Replays a fuzz target's corpus without libFuzzer, which GCC does not have: every file of the
// folders named as arguments, then each of its beginnings and each of its bytes flipped. What a
// fuzzer once found stays found, under every sanitizer and in every ./test.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

// Above this, cuts and flips are spread over the file instead of made at every byte.
constexpr std::size_t most_variants = 512;

Input read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Input(std::istreambuf_iterator<char>(file), {});
}

std::size_t run(const Input& input) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return 1;
}

std::size_t run_with_variants(const Input& input) {
    std::size_t count = run(input);
    const std::size_t step = input.size() / most_variants + 1;
    for (std::size_t at = 0; at < input.size(); at += step) {
        // A copy of exactly that size, so that a read past its end is seen.
        count += run(Input(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(at)));
        Input flipped = input;
        flipped[at] ^= 0xff;
        count += run(flipped);
    }
    return count;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t files = 0;
    std::size_t runs = run({});
    for (int i = 1; i < count; ++i) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
            if (!entry.is_regular_file()) continue;
            ++files;
            runs += run_with_variants(read(entry.path()));
        }
    }
    std::printf("%zu files, %zu inputs\n", files, runs);
    // A corpus that is not found must not look like one that was survived.
    return files > 0 ? 0 : 1;
}
