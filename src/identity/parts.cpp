// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Parts: a directory page that is too long for a letter becomes several. Each is a page by itself,
// signed and judged like any other, so that nothing has to be put together where they are read, and
// none can be forged or passed off as part of another whole. The log's leaves come first, since
// whatever a page says has to be in the log by then.

#include <map>
#include <utility>

#include "base/check.h"
#include "identity/directory.h"

namespace cercle::identity {
namespace {

/// What a leaf takes.
constexpr std::size_t leaf_size = 2 * sizeof(crypto::Digest);
/// A circle's name, its rules and all else that has a bound, and the length of each vector.
constexpr std::size_t fixed_size = std::size_t{16} << 10U;

std::size_t size_of(const DirectoryMember& member) {
    std::size_t size = 64 + member.name.size() + member.role.size() + member.blind.size();
    for (const std::string& section : member.sections)
        size += 4 + section.size();
    return size;
}

std::size_t size_of(const DirectoryDevice& device) {
    return 128 + device.certificate.size();
}

std::size_t size_of(const SignedRevocation& revocation) {
    return 8 + revocation.revocation.size() + revocation.signature.size();
}

std::size_t size_of(const DirectoryPage& page) {
    std::size_t size = fixed_size + leaf_size * page.growth.leaves.size();
    for (const auto& one : page.members)
        size += size_of(one);
    for (const auto& one : page.devices)
        size += size_of(one);
    for (const auto& one : page.revocations)
        size += size_of(one);
    return size + MemberId::size * page.gone.size();
}

/// The tree, leaf by leaf from the first on.
class Tree {
  public:
    TransparencyHead after(const TransparencyLeaf& leaf) {
        const merkle::Lookup lookup = [this](merkle::Node node) -> Result<merkle::Hash> {
            return nodes_.at({node.level, node.number});
        };
        const auto complete = merkle::grow(size_, hash_of(leaf), lookup);
        CHECK(complete.has_value(), "a tree in memory has all its nodes");
        for (const auto& [node, hash] : *complete)
            nodes_.insert_or_assign({node.level, node.number}, hash);
        size_ = {size_.value + 1};
        return {size_, root(lookup)};
    }

  private:
    [[nodiscard]] merkle::Hash root(const merkle::Lookup& lookup) const {
        const auto root = merkle::root_of(size_, lookup);
        CHECK(root.has_value(), "a tree in memory has all its nodes");
        return *root;
    }

    std::map<std::pair<std::uint8_t, std::uint64_t>, merkle::Hash> nodes_;
    merkle::TreeSize size_;
};

/// Fills pages one after the other.
class Parts {
  public:
    explicit Parts(const DirectoryPage& whole)
        : whole_(whole) {
        begin(whole.growth.head);
    }

    /// Room for something of that size, in this part or in a new one.
    DirectoryPage& room_for(std::size_t size) {
        if (used_ + size > longest_part) begin(parts_.back().growth.head);
        used_ += size;
        return parts_.back();
    }

    [[nodiscard]] DirectoryPage& last() { return parts_.back(); }

    [[nodiscard]] std::vector<DirectoryPage> take() && { return std::move(parts_); }

  private:
    /// Another part, which brings nothing of the log as yet.
    void begin(const TransparencyHead& head) {
        DirectoryPage part;
        part.version = whole_.version;
        part.number = whole_.number;
        part.circle_name = whole_.circle_name;
        part.suite = whole_.suite;
        part.sights = whole_.sights;
        part.growth.head = head;
        part.growth.first = {head.size.value};
        parts_.push_back(std::move(part));
        used_ = fixed_size;
    }

    const DirectoryPage& whole_;
    std::vector<DirectoryPage> parts_;
    std::size_t used_ = 0;
};

void add_leaves(Parts& parts, const TransparencyGrowth& growth) {
    if (growth.leaves.empty()) return;
    if (growth.first.value != 0) {
        parts.room_for(leaf_size * growth.leaves.size()).growth = growth;
        return;
    }
    parts.last().growth = {};
    Tree tree;
    for (const TransparencyLeaf& leaf : growth.leaves) {
        TransparencyGrowth& own = parts.room_for(leaf_size).growth;
        own.leaves.push_back(leaf);
        own.head = tree.after(leaf);
    }
}

}  // namespace

std::vector<DirectoryPage> in_parts(DirectoryPage page) {
    if (size_of(page) <= longest_part) {
        std::vector<DirectoryPage> one;
        one.push_back(std::move(page));
        return one;
    }
    Parts parts(page);
    add_leaves(parts, page.growth);
    std::map<MemberId, DirectoryMember*> members;
    for (DirectoryMember& one : page.members)
        members.emplace(one.member, &one);
    for (DirectoryDevice& device : page.devices) {
        const auto owner = members.find(device.member);
        const std::size_t with_owner = owner == members.end() ? 0 : size_of(*owner->second);
        DirectoryPage& part = parts.room_for(size_of(device) + with_owner);
        if (owner != members.end()) {
            part.members.push_back(std::move(*owner->second));
            members.erase(owner);
        }
        part.devices.push_back(std::move(device));
    }
    for (const auto& [member, entry] : members)
        parts.room_for(size_of(*entry)).members.push_back(std::move(*entry));
    std::size_t at_the_end = MemberId::size * page.gone.size();
    for (const auto& one : page.revocations)
        at_the_end += size_of(one);
    DirectoryPage& last = parts.room_for(at_the_end);
    last.revocations = std::move(page.revocations);
    last.gone = std::move(page.gone);
    last.hall = page.hall;
    return std::move(parts).take();
}

}  // namespace cercle::identity
