// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>
#include <array>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/member.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

// A tree with parents, blanks and unmerged leaves.
struct Grown : Circle {
    Grown() {
        found("Anna");
        add(0, {"Boris", "Chloé", "Dina", "Emre"});
        follow(1, commit(1));
        follow(4, commit(4));
        Intents intents;
        intents.path = Intents::Path::WhenRequired;
        const Person farid = Person::called(suite, "Farid", random);
        intents.adds.push_back(verified(package_of(farid)));
        follow(2, commit(2, intents));
    }
};

UncheckedTree arrived(const RatchetTree& tree) {
    auto unchecked = codec::decode<UncheckedTree>(codec::encode(tree));
    REQUIRE(unchecked);
    return *std::move(unchecked);
}

std::string_view judged(const Circle& circle, const EpochState& state, const Bytes& tree) {
    auto unchecked = codec::decode<UncheckedTree>(tree);
    if (!unchecked) return rule_of(unchecked);
    return rule_of(
        std::move(*unchecked)
            .validate(
                circle.suite, state.context->group_id, state.context->extensions, circle.judge));
}

// The nodes of an encoded tree, to be changed one by one.
struct OpenParent {
    Bytes encryption_key;
    Bytes parent_hash;
    std::vector<LeafIndex> unmerged_leaves;

    auto fields(this auto& self) {
        return std::tie(self.encryption_key, self.parent_hash, self.unmerged_leaves);
    }
};

struct OpenNode {
    std::optional<Leaf> leaf;
    std::optional<OpenParent> parent;
};

Bytes rebuilt(const std::vector<OpenNode>& nodes) {
    codec::Writer inner;
    for (const OpenNode& node : nodes) {
        inner.number(static_cast<std::uint8_t>(node.leaf || node.parent ? 1 : 0));
        if (node.leaf) {
            inner.number(std::uint8_t{1});
            codec::write(inner, *node.leaf);
        }
        if (node.parent) {
            inner.number(std::uint8_t{2});
            codec::write(inner, *node.parent);
        }
    }
    codec::Writer writer;
    writer.opaque(inner.bytes());
    return std::move(writer).take();
}

std::vector<OpenNode> taken_apart(const RatchetTree& tree) {
    std::vector<OpenNode> nodes(tree.size().nodes());
    for (NodeIndex at{0}; at.value < tree.size().nodes(); ++at.value) {
        if (tree.is_blank(at)) continue;
        if (is_leaf(at)) {
            nodes[at.value].leaf = tree.leaf(leaf_of(at))->open();
        } else {
            nodes[at.value].parent =
                codec::decode<OpenParent>(codec::encode(*tree.parent(at))).value();
        }
    }
    while (!nodes.back().leaf && !nodes.back().parent)
        nodes.pop_back();
    return nodes;
}

// RFC 9420: 12.4.3.3/trailing-sent
TEST_CASE("a tree that a group has made is valid") {
    const Grown circle;
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    CHECK(judged(circle, anna.state, rebuilt(taken_apart(anna.state.tree))) == "accepted");
    CHECK(arrived(anna.state.tree).unchecked().root_hash(circle.suite) ==
          anna.state.context->tree_hash);
}

// RFC 9420: 7.1/unmerged-sorted 12.4.3.1/unmerged 12.4.3.1/parent-keys 12.4.3.3/trailing
// RFC 9420: 12.4.3.3/kinds 7.9.2/join 7.3/signature
TEST_CASE("each rule for trees has its own refusal") {
    const Grown circle;
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const auto rule = [&](const auto& spoil) {
        auto nodes = taken_apart(anna.state.tree);
        spoil(nodes);
        return judged(circle, anna.state, rebuilt(nodes));
    };
    using Nodes = std::vector<OpenNode>;
    const auto first_parent = [](Nodes& nodes) -> OpenParent& {
        for (OpenNode& node : nodes) {
            if (node.parent) return *node.parent;
        }
        FAIL("no parent node");
        return *nodes[0].parent;
    };
    const auto with_unmerged = [](Nodes& nodes) -> OpenParent& {
        for (OpenNode& node : nodes) {
            if (node.parent && !node.parent->unmerged_leaves.empty()) return *node.parent;
        }
        FAIL("no unmerged leaf");
        return *nodes[0].parent;
    };
    CHECK(rule([](Nodes& nodes) { nodes.emplace_back(); }) == "mls-tree-trailing-blank");
    CHECK(rule([](Nodes& nodes) { nodes.clear(); }) == "mls-tree-trailing-blank");
    CHECK(rule([](Nodes& nodes) { nodes[1] = {nodes[0].leaf, {}}; }) == "mls-tree-node-kind");
    CHECK(rule([&](Nodes& nodes) { first_parent(nodes).parent_hash = Bytes(32, 1); }) ==
          "mls-parent-hash");
    CHECK(rule([&](Nodes& nodes) { first_parent(nodes).encryption_key[3] ^= 1U; }) ==
          "mls-parent-hash");
    CHECK(rule([&](Nodes& nodes) {
              first_parent(nodes).encryption_key = (*nodes[0].leaf)->encryption_key;
          }) == "mls-encryption-key-repeated");
    CHECK(rule([&](Nodes& nodes) { with_unmerged(nodes).unmerged_leaves.push_back({0}); }) ==
          "mls-unmerged-leaves");
    CHECK(rule([&](Nodes& nodes) { with_unmerged(nodes).unmerged_leaves.push_back({63}); }) ==
          "mls-unmerged-leaves");
    CHECK(rule([&](Nodes& nodes) {
              with_unmerged(nodes).unmerged_leaves.push_back({0x80000002U});
          }) == "mls-unmerged-leaves");
    CHECK(rule([&](Nodes& nodes) {
              auto& unmerged = with_unmerged(nodes).unmerged_leaves;
              unmerged.push_back(unmerged.back());
          }) == "mls-unmerged-leaves");
    CHECK(rule([&](Nodes& nodes) { with_unmerged(nodes).unmerged_leaves.clear(); }) ==
          "mls-parent-hash");
    CHECK(rule([](Nodes& nodes) { std::swap(nodes[2].leaf, nodes[6].leaf); }) != "accepted");
    CHECK(rule([&](Nodes& nodes) {
              LeafNode leaf = **nodes[10].leaf;  // unmerged: no parent hash covers it
              leaf.signature[0] ^= 1U;
              nodes[10].leaf = Leaf(std::move(leaf));
          }) == "mls-leaf-signature");
    CHECK(rule([&](Nodes& nodes) {
              LeafNode leaf = **nodes[4].leaf;
              leaf.encryption_key = (*nodes[0].leaf)->encryption_key;
              nodes[4].leaf = sign_leaf(
                  std::move(leaf), {anna.state.context->group_id, {2}}, circle.people[2].key);
          }) == "mls-encryption-key-repeated");
    CHECK(rule([&](Nodes& nodes) {
              LeafNode leaf = **nodes[4].leaf;
              nodes[4].leaf = sign_leaf(
                  std::move(leaf), {anna.state.context->group_id, {2}}, circle.people[0].key);
          }) == "mls-signature-key-repeated");
}

// RFC 9420: 7.2/signed 7.3/signature
TEST_CASE("a leaf is only valid where it was signed to stand") {
    const Grown circle;
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const Leaf leaf = anna.state.tree.leaf({1})->open();
    const Bytes& group = anna.state.context->group_id;
    CHECK(verify_leaf(circle.suite, leaf, {group, {1}}));
    CHECK(rule_of(verify_leaf(circle.suite, leaf, {group, {2}})) == "mls-leaf-signature");
    CHECK(rule_of(verify_leaf(circle.suite, leaf, {view_of("other"), {1}})) ==
          "mls-leaf-signature");
}

// What a walk over all nodes finds.
struct Walked {
    std::map<Bytes, int> encryption_keys;
    std::map<Bytes, int> signature_keys;
    std::map<CredentialType, std::uint32_t> credential_types;

    explicit Walked(const RatchetTree& tree) {
        for (NodeIndex at{0}; at.value < tree.size().nodes(); ++at.value) {
            if (tree.is_blank(at)) continue;
            ++encryption_keys[to_bytes(tree.encryption_key(at))];
            if (!is_leaf(at)) continue;
            const Leaf leaf = tree.leaf(leaf_of(at))->open();
            ++signature_keys[leaf->signature_key];
            ++credential_types[leaf->credential.type()];
        }
    }

    static bool has_twice(const std::map<Bytes, int>& counts) {
        return std::ranges::any_of(counts, [](const auto& one) { return one.second > 1; });
    }
};

void check_against_a_walk(const RatchetTree& tree) {
    const Walked walked(tree);
    CHECK(tree.credential_types() == walked.credential_types);
    CHECK(tree.has_encryption_key_twice() == Walked::has_twice(walked.encryption_keys));
    CHECK(tree.has_signature_key_twice() == Walked::has_twice(walked.signature_keys));
    for (const auto& [key, count] : walked.encryption_keys) {
        CHECK(tree.has_encryption_key(key));
        Bytes other = key;
        other.back() ^= 1U;
        CHECK(tree.has_encryption_key(other) == walked.encryption_keys.contains(other));
    }
}

TEST_CASE("what a tree knows of its keys and credentials is what a walk over it finds") {
    vectors::SeededRandom random{20261124};
    const auto below = [&](std::uint8_t bound) {
        std::array<std::uint8_t, 1> dice{};
        random.fill(dice);
        return static_cast<std::uint8_t>(dice[0] % bound);
    };
    // Few keys, alike in all but their last byte, so that many are the same.
    const auto key = [&] {
        Bytes bytes(32, 7);
        bytes.back() = below(24);
        return bytes;
    };
    const auto leaf = [&] {
        LeafNode node;
        node.encryption_key = key();
        node.signature_key = key();
        node.credential =
            below(4) == 0 ? x509_credential({key()}) : basic_credential(view_of("somebody"));
        return Leaf(std::move(node));
    };
    const Suite& suite = **find_suite(SuiteId::X25519Aes128Sha256Ed25519);
    RatchetTree tree;
    tree.set_leaf({0}, leaf());
    for (std::size_t round = 0; round < 600; ++round) {
        const RatchetTree before = tree;
        const Bytes hash_before = before.root_hash(suite);
        const LeafIndex index{below(static_cast<std::uint8_t>(tree.size().leaves))};
        const bool is_there = tree.leaf(index) != nullptr;
        switch (below(5)) {
            case 0:
            case 1:
                if (tree.size().leaves < 40) REQUIRE(tree.add(leaf()));
                break;
            case 2:
                if (is_there) tree.update(index, leaf());
                break;
            case 3:
                if (is_there) tree.remove(index);
                break;
            default: {
                if (!is_there) break;
                std::vector<Bytes> keys(tree.filtered_direct_path(index).size());
                std::ranges::generate(keys, key);
                static_cast<void>(tree.merge_path(suite, index, keys));
                tree.set_leaf(index, leaf());
            }
        }
        check_against_a_walk(tree);
        CHECK(before.root_hash(suite) == hash_before);
        if (Walked(tree).encryption_keys.empty()) tree.set_leaf({0}, leaf());
        CHECK(arrived(tree).unchecked().root_hash(suite) == tree.root_hash(suite));
    }
}

TEST_CASE("a copy of a tree stays as it was when the tree changes, and the reverse") {
    const Grown circle;
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    RatchetTree tree = anna.state.tree;
    const RatchetTree copy = tree;
    const Bytes encoded = codec::encode(copy);
    tree.remove({1});
    tree.remove({4});
    CHECK(codec::encode(copy) == encoded);
    CHECK(codec::encode(tree) != encoded);
    CHECK(copy.root_hash(circle.suite) == anna.state.context->tree_hash);
    check_against_a_walk(copy);
}

TEST_CASE("a tree that changes after it arrived knows no hash of what it was") {
    const Grown circle;
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    RatchetTree tree = arrived(anna.state.tree).unchecked();
    REQUIRE(tree.root_hash(circle.suite) == anna.state.context->tree_hash);
    tree.set_leaf({1}, tree.leaf({2})->open());
    CHECK(tree.root_hash(circle.suite) == arrived(tree).unchecked().root_hash(circle.suite));
    CHECK(tree.root_hash(circle.suite) != anna.state.context->tree_hash);
}

TEST_CASE("a parent node gives back what it was made of, and decodes to itself") {
    for (const std::size_t size : {0U, 32U, 1216U}) {
        const Bytes key(size, 1);
        const Bytes hash(48, 2);
        const ParentNode node = ParentNode(key, hash).with_unmerged({7}).with_unmerged({3});
        CHECK(to_bytes(node.encryption_key()) == key);
        CHECK(to_bytes(node.parent_hash()) == hash);
        CHECK(node.unmerged_leaves() == std::vector<LeafIndex>{{3}, {7}});
        const Bytes encoded = codec::encode(OpenParent{key, hash, {{3}, {7}}});
        CHECK(codec::encode(node) == encoded);
        CHECK(codec::encode(codec::decode<ParentNode>(encoded).value()) == encoded);
        for (std::size_t cut = 0; cut < encoded.size(); ++cut)
            CHECK_FALSE(codec::decode<ParentNode>(BytesView(encoded).first(cut)));
    }
}

TEST_CASE("what a kept leaf finds in its bytes is what it says in full") {
    const std::array origins{
        LeafOrigin{LeafNodeSource::KeyPackage, {1, 2}, {}},
        LeafOrigin{LeafNodeSource::Update, {}, {}},
        LeafOrigin{LeafNodeSource::Commit, {}, Bytes(48, 3)},
    };
    const std::array credentials{
        basic_credential(view_of("somebody")),
        x509_credential({Bytes(700, 4), Bytes(20'000, 5)}),
    };
    for (const LeafOrigin& origin : origins) {
        for (const Credential& credential : credentials) {
            LeafNode node;
            node.encryption_key = Bytes(1216, 6);
            node.signature_key = Bytes(32, 7);
            node.credential = credential;
            node.capabilities = own_capabilities({ExtensionType{0xF001}});
            node.origin = origin;
            node.extensions = {application_id(view_of("id"))};
            node.signature = Bytes(64, 8);
            const KeptLeaf kept{Leaf(node)};
            CHECK(to_bytes(kept.encryption_key()) == node.encryption_key);
            CHECK(to_bytes(kept.signature_key()) == node.signature_key);
            CHECK(kept.credential_type() == credential.type());
            CHECK(kept.capabilities() == node.capabilities);
            CHECK(kept.origin() == origin);
            CHECK(kept.open() == Leaf(node));
            const auto again = codec::decode<KeptLeaf>(kept.bytes());
            REQUIRE(again);
            CHECK(again->bytes() == kept.bytes());
            Bytes cut = kept.bytes();
            cut.pop_back();
            CHECK(rule_of(codec::decode<KeptLeaf>(cut)) == "malformed");
        }
    }
}

TEST_CASE("a tree of more than 2^24 leaves is refused") {
    CHECK(TreeSize::for_leaves(1U << 24U));
    CHECK(rule_of(TreeSize::for_leaves((1U << 24U) + 1)) == "mls-tree-too-large");
    CHECK(rule_of(TreeSize::for_full_width(4)) == "mls-tree-not-full");
    CHECK(rule_of(TreeSize::for_full_width(0)) == "mls-tree-not-full");
}

TEST_CASE("random histories leave trees whose hashes are what they would be afresh") {
    Circle circle;
    circle.found("0");
    circle.add(0, {"1", "2", "3", "4", "5", "6"});
    for (std::size_t round = 0; round < 24; ++round) {
        std::array<std::uint8_t, 2> dice{};
        circle.random.fill(dice);
        const std::size_t who = dice[0] % circle.groups.size();
        if (dice[1] % 3 == 0 && circle.groups.size() > 3) {
            std::size_t victim = (who + 1) % circle.groups.size();
            Intents intents;
            intents.removes.push_back(circle.groups[victim].own_index());
            StagedCommit staged = circle.commit(who, intents);
            const auto name = circle.groups[who].own_index();
            circle.groups.erase(circle.groups.begin() + static_cast<std::ptrdiff_t>(victim));
            circle.people.erase(circle.people.begin() + static_cast<std::ptrdiff_t>(victim));
            const auto committer = std::ranges::find(circle.groups, name, &Group::own_index);
            circle.follow(static_cast<std::size_t>(committer - circle.groups.begin()),
                          std::move(staged));
        } else if (dice[1] % 3 == 1) {
            circle.add(who, {"new " + std::to_string(round)});
        } else {
            circle.follow(who, circle.commit(who));
        }
        REQUIRE(circle.all_agree());
        const Forge one = Forge::of(circle.groups[0], circle.people[0].key);
        CHECK(judged(circle, one.state, codec::encode(one.state.tree)) == "accepted");
        CHECK(arrived(one.state.tree).unchecked().root_hash(circle.suite) ==
              one.state.context->tree_hash);
    }
}

}  // namespace
}  // namespace cercle::mls
