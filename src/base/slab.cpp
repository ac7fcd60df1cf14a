// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/slab.h"

#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"

namespace cercle {

void wipe(void* memory, std::size_t size) {
    if (size == 0) return;
    explicit_bzero(memory, size);
}

namespace {

// Best effort, like the rest of hardening: where it cannot be done, this life goes on.
void start_with_all_bound() {
    constexpr const char* name = "LD_BIND_NOW";
    const char* const bound = std::getenv(name);
    // The dynamic linker takes the variable away from a program that has rights of its own.
    if (getauxval(AT_SECURE) != 0 || (bound != nullptr && *bound != '\0')) return;
    // By its own path, so that it goes on under its own name in the system's lists.
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error || setenv(name, "1", 1) != 0) return;
    std::ifstream file("/proc/self/cmdline");
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');)
        words.push_back(std::move(word));
    if (words.empty()) return;
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    static_cast<void>(execv(program.c_str(), arguments.data()));
}

}  // namespace

void harden_process() {
    start_with_all_bound();
    // Best effort: both are allowed to every process, and the slab is excluded from dumps anyway.
    const rlimit none{0, 0};
    static_cast<void>(setrlimit(RLIMIT_CORE, &none));
    static_cast<void>(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

namespace slab {
namespace {

// A buddy allocator: blocks of 32 << order bytes; a free block of order n has its buddy at
// the address that differs in bit n only, and two free buddies merge into order n + 1.
// The bookkeeping stands outside the slab, so that overrunning a secret cannot corrupt it.
constexpr std::size_t smallest = 32;
constexpr std::size_t order_count = 18;  // 32 bytes .. 4 MiB
static_assert((smallest << (order_count - 1)) == capacity);

class Buddies {
  public:
    bool open() {
        const std::scoped_lock guard(mutex_);
        if (memory_ != nullptr) return true;
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        void* const fenced = mmap(nullptr,
                                  capacity + 2 * page,
                                  PROT_NONE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                  -1,
                                  0);
        if (fenced == MAP_FAILED) return false;
        auto* const memory = static_cast<std::uint8_t*>(fenced) + page;
        if (mprotect(memory, capacity, PROT_READ | PROT_WRITE) != 0 ||
            mlock(memory, capacity) != 0 || madvise(memory, capacity, MADV_DONTDUMP) != 0) {
            munmap(fenced, capacity + 2 * page);
            return false;
        }
        memory_ = memory;
        free_[order_count - 1].push_back(0);
        is_free_[order_count - 1].assign(1, true);
        for (std::size_t order = 0; order + 1 < order_count; ++order) {
            is_free_[order].assign(std::size_t{1} << (order_count - 1 - order), false);
        }
        return true;
    }

    std::uint8_t* take(std::size_t size) {
        const std::scoped_lock guard(mutex_);
        const std::size_t wanted = order_of(size);
        CHECK(wanted < order_count, "a secret larger than the slab");
        std::size_t order = wanted;
        std::size_t index = 0;
        while (!pop(order, index)) {
            ++order;
            CHECK(order < order_count, "the locked memory for secrets is full");
        }
        while (order > wanted) {
            --order;
            index *= 2;
            push(order, index + 1);
        }
        in_use_ += smallest << wanted;
        return memory_ + index * (smallest << wanted);
    }

    void give_back(std::uint8_t* block, std::size_t size) {
        const std::scoped_lock guard(mutex_);
        std::size_t order = order_of(size);
        in_use_ -= smallest << order;
        wipe(block, smallest << order);
        std::size_t index = static_cast<std::size_t>(block - memory_) / (smallest << order);
        while (order + 1 < order_count && is_free_[order][index ^ 1U]) {
            is_free_[order][index ^ 1U] = false;  // its entry in free_ is skipped by pop()
            index /= 2;
            ++order;
        }
        push(order, index);
    }

    std::size_t in_use() {
        const std::scoped_lock guard(mutex_);
        return in_use_;
    }

  private:
    static std::size_t order_of(std::size_t size) {
        const std::size_t blocks = size == 0 ? 1 : (size + smallest - 1) / smallest;
        return static_cast<std::size_t>(std::bit_width(blocks - 1));
    }

    void push(std::size_t order, std::size_t index) {
        is_free_[order][index] = true;
        free_[order].push_back(static_cast<std::uint32_t>(index));
    }

    bool pop(std::size_t order, std::size_t& index) {
        auto& list = free_[order];
        while (!list.empty()) {
            index = list.back();
            list.pop_back();
            // Merged away, or listed twice after that: the flag is the truth.
            if (!is_free_[order][index]) continue;
            is_free_[order][index] = false;
            return true;
        }
        return false;
    }

    std::mutex mutex_;
    std::uint8_t* memory_ = nullptr;
    std::size_t in_use_ = 0;
    std::array<std::vector<std::uint32_t>, order_count> free_;
    std::array<std::vector<bool>, order_count> is_free_;
};

Buddies& buddies() {
    // Never destroyed: secrets with static lifetime may be given back after main().
    static auto* const only = new Buddies;
    return *only;
}

}  // namespace

Result<void> open() {
    if (!buddies().open()) {
        return fail(
            Code::locked_memory,
            "4 MiB of memory cannot be locked for secrets; raise RLIMIT_MEMLOCK (ulimit -l)");
    }
    return {};
}

std::uint8_t* take(std::size_t size) {
    CHECK(buddies().open(), "memory for secrets cannot be locked");
    return buddies().take(size);
}

void give_back(std::uint8_t* block, std::size_t size) {
    buddies().give_back(block, size);
}

std::size_t in_use() {
    return buddies().in_use();
}

}  // namespace slab
}  // namespace cercle
