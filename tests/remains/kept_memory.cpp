// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/remains/kept_memory.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace cercle::remains {
namespace {

struct Kept {
    void** blocks = nullptr;
    std::size_t count = 0;
    std::size_t room = 0;
    bool keeping = false;
};

Kept kept;

void keep(void* block) {
    if (kept.count == kept.room) {
        kept.room = kept.room * 2 + 1024;
        kept.blocks =
            static_cast<void**>(std::realloc(kept.blocks, kept.room * sizeof *kept.blocks));
        if (kept.blocks == nullptr) std::abort();
    }
    kept.blocks[kept.count++] = block;
}

}  // namespace

KeptMemory::KeptMemory() {
    kept.keeping = true;
}

KeptMemory::~KeptMemory() {
    kept.keeping = false;
    while (kept.count > 0)
        std::free(kept.blocks[--kept.count]);
    std::free(kept.blocks);
    kept = {};
}

}  // namespace cercle::remains

void* operator new(std::size_t size) {
    void* const block = std::malloc(size);
    if (block == nullptr) std::abort();
    return block;
}

void operator delete(void* block) noexcept {
    using cercle::remains::kept;
    if (block != nullptr && kept.keeping) return cercle::remains::keep(block);
    std::free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
    operator delete(block);
}
