// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Parts: a directory page that is too long for a letter becomes several. Each is a page by itself,
// signed and judged like any other, so that nothing has to be put together where they are read, and
// none can be forged or passed off as part of another whole. The log's leaves come first, since
// whatever a page says has to be in the log by then.

#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "crypto/hash.h"
#include "identity/directory.h"

namespace cercle::identity {
namespace {

/// What a leaf takes.
constexpr std::size_t leaf_size = 2 * sizeof(crypto::Digest);
/// And a revocation.
constexpr std::size_t revocation_size = 64;
/// A circle's name, its rules and all else that has a bound, and the length of each vector.
constexpr std::size_t fixed_size = std::size_t{16} << 10U;

/// That there is none, or its hash.
constexpr std::size_t portrait_size = 1 + sizeof(crypto::Digest);

std::size_t size_of(const Portrait& portrait) {
    const auto* picture = std::get_if<Bytes>(&portrait);
    return picture == nullptr ? portrait_size : 8 + picture->size();
}

std::size_t size_of(const DirectoryMember& member) {
    std::size_t size = 64 + member.name.size() + member.role.size() + member.blind.size();
    size += size_of(member.portrait);
    for (const std::string& section : member.sections)
        size += 4 + section.size();
    return size;
}

std::size_t size_of(const DirectoryDevice& device) {
    return 160 + device.certificate.size();
}

std::size_t size_of(const std::optional<SignedPolicy>& policy) {
    return policy ? 8 + policy->policy.size() + root_signature_size : 0;
}

std::size_t size_of(const DirectoryPage& page) {
    std::size_t size = fixed_size + leaf_size * page.growth.leaves.size();
    for (const auto& one : page.members)
        size += size_of(one);
    for (const auto& one : page.devices)
        size += size_of(one);
    size += revocation_size * page.revocations.size();
    return size + MemberId::size * page.gone.size() + size_of(page.policy);
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
        part.reader = whole_.reader;
        part.growth.head = head;
        part.growth.first = {head.size.value};
        parts_.push_back(std::move(part));
        used_ = fixed_size;
    }

    const DirectoryPage& whole_;
    std::vector<DirectoryPage> parts_;
    std::size_t used_ = 0;
};

/// A member's devices, and what else a page says of one member.
struct Entries {
    const DirectoryMember* member = nullptr;
    std::vector<const DirectoryDevice*> devices;
};

DirectoryDevice copy_of(const DirectoryDevice& device) {
    return {device.device,
            device.member,
            device.certificate,
            device.inbox,
            device.inbox_secret.copy(),
            device.added};
}

void add_device(DirectoryPage& part, const DirectoryPage& whole, const DirectoryDevice& device) {
    part.devices.push_back(copy_of(device));
    const InboxTurn turn = whole.turn_of(device.device);
    if (turn.value != 0) part.turns.push_back({device.device, turn});
}

std::map<MemberId, Entries> by_member(const DirectoryPage& page) {
    std::map<MemberId, Entries> all;
    for (const DirectoryMember& one : page.members)
        all[one.member].member = &one;
    for (const DirectoryDevice& one : page.devices)
        all[one.member].devices.push_back(&one);
    return all;
}

/// Where it is said ahead of its place, for which no room was kept.
DirectoryMember without_bytes(DirectoryMember member) {
    if (const auto* picture = std::get_if<Bytes>(&member.portrait)) {
        member.portrait = crypto::sha256(*picture);
    }
    return member;
}

/// What the page says of its reader's own member, said where the log says it: otherwise he would
/// have to take it for something that is hidden from him.
class Own {
  public:
    explicit Own(const DirectoryPage& page)
        : page_(page) {
        for (const DirectoryDevice& one : page.devices) {
            if (page.reader == one.device) member_ = one.member;
        }
    }

    void say(Parts& parts, const TransparencyLeaf& leaf) const {
        if (!member_ || leaf.subject != subject_of(*member_)) return;
        for (const DirectoryMember& one : page_.members) {
            if (leaf_of_name(one.member, one.name, one.role, one.blind) == leaf) {
                parts.last().members.push_back(without_bytes(one));
            }
        }
        for (const DirectoryDevice& one : page_.devices) {
            if (leaf_of_device(one.member, one.device, one.certificate) == leaf) {
                add_device(parts.last(), page_, one);
            }
        }
        for (const Revocation& one : page_.revocations) {
            if (leaf_of_loss(one.member, one.device) == leaf) {
                parts.last().revocations.push_back(one);
            }
        }
    }

  private:
    const DirectoryPage& page_;
    std::optional<MemberId> member_;
};

/// Room for a leaf, and for what may be said with it.
constexpr std::size_t leaf_room = 2 * leaf_size;

void add_leaves(Parts& parts, const DirectoryPage& page) {
    const TransparencyGrowth& growth = page.growth;
    if (growth.leaves.empty()) return;
    const Own own(page);
    if (growth.first.value != 0) {
        parts.room_for(leaf_room * growth.leaves.size()).growth = growth;
        for (const TransparencyLeaf& leaf : growth.leaves)
            own.say(parts, leaf);
        return;
    }
    parts.last().growth = {};
    Tree tree;
    for (const TransparencyLeaf& leaf : growth.leaves) {
        TransparencyGrowth& grown = parts.room_for(leaf_room).growth;
        grown.leaves.push_back(leaf);
        grown.head = tree.after(leaf);
        own.say(parts, leaf);
    }
}

/// Each member with all of his devices: where he is named first, none of them is a further one.
void add_entries(Parts& parts, const DirectoryPage& page) {
    for (const auto& [id, entries] : by_member(page)) {
        std::size_t size = entries.member == nullptr ? 0 : size_of(*entries.member);
        for (const DirectoryDevice* device : entries.devices)
            size += size_of(*device);
        DirectoryPage& part = parts.room_for(size);
        if (entries.member != nullptr) part.members.push_back(*entries.member);
        for (const DirectoryDevice* device : entries.devices)
            add_device(part, page, *device);
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
    add_leaves(parts, page);
    add_entries(parts, page);
    std::size_t at_the_end = MemberId::size * page.gone.size() + size_of(page.policy);
    at_the_end += revocation_size * page.revocations.size();
    DirectoryPage& last = parts.room_for(at_the_end);
    last.revocations = std::move(page.revocations);
    last.gone = std::move(page.gone);
    last.move = page.move;
    last.policy = std::move(page.policy);
    return std::move(parts).take();
}

}  // namespace cercle::identity
