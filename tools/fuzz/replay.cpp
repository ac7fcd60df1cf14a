// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Replays a fuzz target's corpus without libFuzzer, which GCC does not have: X_fuzz MOST FOLDER.
// Every file of the folder, then its beginnings and the same with one of its bytes flipped, at MOST
// places of each file. What a fuzzer once found stays found, under every sanitizer.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
/// What a target that needs time to begin with has besides.
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int* count, char*** arguments);

namespace {

using Input = std::vector<std::uint8_t>;

Input read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Input(std::istreambuf_iterator<char>(file), {});
}

std::size_t run(const Input& input) {
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return 1;
}

std::size_t run_with_variants(const Input& input, std::size_t most) {
    std::size_t count = run(input);
    const std::size_t step = input.size() / most + 1;
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
    if (count != 3) return 2;
    if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&count, &arguments);
    const std::size_t most = std::stoul(arguments[1]);
    std::size_t files = 0;
    std::size_t runs = run({});
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[2])) {
        if (!entry.is_regular_file()) continue;
        ++files;
        runs += run_with_variants(read(entry.path()), most);
    }
    std::printf("%zu files, %zu inputs\n", files, runs);
    // A corpus that is not found must not look like one that was survived.
    return files > 0 ? 0 : 1;
}
