// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What groups cost beside their floors: the operations with keys that RFC 9420 does not let them do
// without, counted for the very tree at hand and timed in the same run.
//
// In a full tree of 2^d leaves a committer has d nodes above it: it makes a key pair and one
// encryption for each of them, a key pair for its leaf, and signs that and the message. Whoever
// processes it opens one secret, makes the key pairs from where the two paths meet up to the root,
// and verifies two signatures. Both hash each of the d nodes twice, for parent hash and tree hash,
// and the message once into the transcript. Who joins verifies every leaf and hashes every node.
// Not counted, though nobody can do without them: key schedule, secret tree and ratchets.
#include <array>
#include <map>
#include <memory>

#include <malloc.h>

#include "bench/against.h"
#include "mls/forge/grown_group.h"

namespace cercle::mls {
namespace {

using bench::against;
using bench::Seconds;
using bench::timed;

template <class T>
T sure(Result<T> result) {
    if (!result) std::abort();
    return *std::move(result);
}

/// Of what is only measured: not to be optimised away.
template <class T>
void keep(T value) {
    benchmark::DoNotOptimize(value);
}

/// The operations that floors are made of.
class Primitives {
  public:
    explicit Primitives(const Suite& suite)
        : suite_(suite),
          kem_key_(crypto::KemKey::generate(suite.hpke.kem, random_)),
          signing_key_(crypto::SigningKey::generate(suite.signature, random_)),
          secret_(random_secret(suite.digest_size(), random_)),
          info_(suite.hpke, {view_of("info")}),
          sealed_(sure(
              crypto::hpke_encrypt(info_, kem_key_.public_key(), {}, secret_.reveal(), random_))),
          aead_key_(random_secret(suite.key_size(), random_)) {}

    /// A content to be signed, encrypted and hashed, of a size.
    struct Content {
        Bytes bytes;
        Bytes signature;
        Bytes ciphertext;
    };

    [[nodiscard]] Content content(std::size_t size) const {
        Bytes bytes(size, 1);
        return {bytes, signing_key_.sign(bytes), encrypt({bytes, {}, {}})};
    }

    void seal(std::size_t times) {
        for (; times > 0; --times) {
            keep(crypto::hpke_encrypt(info_, kem_key_.public_key(), {}, secret_.reveal(), random_));
        }
    }

    void open() const {
        keep(crypto::hpke_decrypt(
            suite_.hpke, kem_key_, view_of("info"), {}, sealed_.encapsulation, sealed_.ciphertext));
    }

    void key_pair(std::size_t times) const {
        for (; times > 0; --times)
            keep(crypto::KemKey::derive(suite_.hpke.kem, secret_.reveal()));
    }

    void sign(const Content& content) const { keep(signing_key_.sign(content.bytes)); }

    void verify(const Content& content, std::size_t times = 1) const {
        for (; times > 0; --times) {
            keep(crypto::verify(
                suite_.signature, signing_key_.public_key(), content.bytes, content.signature));
        }
    }

    [[nodiscard]] Bytes encrypt(const Content& content) const {
        const std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
        return crypto::aead_encrypt(suite_.hpke.aead, aead_key_.reveal(), nonce, {}, content.bytes);
    }

    void decrypt(const Content& content) const {
        const std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
        keep(crypto::aead_decrypt(
            suite_.hpke.aead, aead_key_.reveal(), nonce, {}, content.ciphertext));
    }

    void hash(const Content& content, std::size_t times = 1) const {
        for (; times > 0; --times)
            keep(crypto::hash(suite_.hash(), {content.bytes}));
    }

    /// The parts of a Welcome that are as long as the tree: its GroupInfo is signed, encrypted,
    /// and hashed into what is sent to the newcomers.
    void make_group_info(const Content& group_info) const {
        sign(group_info);
        keep(encrypt(group_info));
        hash(group_info);
    }

  private:
    const Suite& suite_;
    vectors::SeededRandom random_{1};
    crypto::KemKey kem_key_;
    crypto::SigningKey signing_key_;
    Secret secret_;
    crypto::HpkeInfo info_;
    crypto::HpkeCiphertext sealed_;
    Secret aead_key_;
};

const Suite& suite_of(const benchmark::State& state) {
    return *sure(find_suite(static_cast<SuiteId>(state.range(0))));
}

/// Made once for all benchmarks of a suite and size; those come one after the other.
GrownGroup& grown(const benchmark::State& state) {
    static std::pair<std::int64_t, std::int64_t> made;
    static std::unique_ptr<GrownGroup> group;
    const std::pair wanted(state.range(0), state.range(1));
    if (made != wanted) {
        group.reset();
        group = std::make_unique<GrownGroup>(suite_of(state),
                                             static_cast<std::uint32_t>(state.range(1)));
        made = wanted;
    }
    return *group;
}

/// What one commit of the first member is made of.
struct CommitParts {
    CommitParts(const Primitives& primitives, const GrownGroup& grown, const StagedCommit& staged)
        : steps(grown.tree().filtered_direct_path({0}).size()),
          leaf(primitives.content(grown.tree().leaf({0})->bytes().size())),
          node(primitives.content(codec::encoded_size(*grown.tree().parent(top(grown))))),
          message(primitives.content(staged.commit.size())) {}

    static NodeIndex top(const GrownGroup& grown) { return grown.tree().size().root(); }

    std::size_t steps;
    Primitives::Content leaf;
    Primitives::Content node;
    Primitives::Content message;
};

void create_group(benchmark::State& state) {
    const Suite& suite = suite_of(state);
    vectors::SeededRandom random(2);
    const auto key = crypto::SigningKey::generate(suite.signature, random);
    const Profile profile{basic_credential(view_of("a")), {}, {}};
    const Primitives primitives(suite);
    const auto leaf = primitives.content(grown(state).tree().leaf({0})->bytes().size());
    against(
        state,
        [&] {
            return timed([&] {
                keep(sure(Group::create(suite, view_of("group"), key, profile, {}, random)));
            });
        },
        [&] {
            return timed([&] {
                primitives.key_pair(1);
                primitives.sign(leaf);
            });
        });
}

void create_commit(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const auto commit = [&] { return sure(group.stage_commit({}, {}, all.random())); };
    Primitives primitives(suite_of(state));
    const CommitParts parts(primitives, all, commit());
    against(
        state,
        [&] { return timed([&] { keep(commit()); }); },
        [&] {
            return timed([&] {
                primitives.seal(parts.steps);
                primitives.key_pair(parts.steps + 1);
                primitives.hash(parts.node, 2 * parts.steps);
                primitives.sign(parts.leaf);
                primitives.sign(parts.message);
                primitives.hash(parts.message);
                keep(primitives.encrypt(parts.message));
            });
        });
}

void process_commit(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group committer = all.of({0});
    const StagedCommit staged = sure(committer.stage_commit({}, {}, all.random()));
    // Receivers all over the tree: half of them meet the committer's path at the root, a quarter
    // one node below, and so on.
    const auto members = static_cast<std::uint32_t>(state.range(1));
    const std::uint32_t receivers = std::min(members - 1, 16U);
    std::vector<Saved> saved;
    std::vector<LeafIndex> who;
    for (std::uint32_t at = 1; at <= receivers; ++at) {
        who.push_back({at * (members - 1) / receivers});
        saved.push_back(all.saved(who.back()));
    }
    std::size_t turn = 0;
    const Primitives primitives(suite_of(state));
    const CommitParts parts(primitives, all, staged);
    against(
        state,
        [&] {
            turn = (turn + 1) % who.size();
            Group group = sure(Group::load(
                saved[turn].public_part, saved[turn].secret_part, all.signing_key(who[turn])));
            // In use, not just loaded: with its tree's hashes known.
            keep(group.stage_commit({}, {}, all.random()));
            return timed([&] {
                auto received = sure(group.receive(staged.commit, all.around()));
                if (!group.apply(std::move(std::get<StagedEpoch>(received)))) std::abort();
            });
        },
        [&] {
            const NodeIndex meeting = common_ancestor({0}, who[turn]);
            const std::size_t above = level_of(CommitParts::top(all)) - level_of(meeting) + 1;
            return timed([&] {
                primitives.decrypt(parts.message);
                primitives.verify(parts.message);
                primitives.verify(parts.leaf);
                primitives.open();
                primitives.key_pair(above);
                primitives.hash(parts.node, 2 * parts.steps);
                primitives.hash(parts.message);
            });
        });
}

void add_one(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const auto newcomer = all.newcomer(static_cast<std::uint32_t>(state.range(1)));
    Intents intents;
    intents.adds.push_back(
        sure(VerifiedKeyPackage::verify(newcomer.first.package(), all.around())));
    const auto add = [&] { return sure(group.stage_commit(intents, {}, all.random())); };
    Primitives primitives(suite_of(state));
    const CommitParts parts(primitives, all, add());
    const auto tree = primitives.content(codec::encoded_size(all.tree()));
    against(
        state,
        [&] { return timed([&] { keep(add()); }); },
        [&] {
            return timed([&] {
                primitives.seal(parts.steps + 1);
                primitives.key_pair(parts.steps + 1);
                primitives.hash(parts.node, 2 * parts.steps);
                primitives.sign(parts.leaf);
                primitives.sign(parts.message);
                primitives.hash(parts.message);
                keep(primitives.encrypt(parts.message));
                primitives.make_group_info(tree);
            });
        });
}

void add_all_at_once(benchmark::State& state) {
    const Suite& suite = suite_of(state);
    const auto others = static_cast<std::size_t>(state.range(1)) - 1;
    GrownGroup founder(suite, 1);
    const Group group = founder.of({0});
    std::vector<KeyPackageBundle> bundles;
    RatchetTree tree = founder.tree();
    for (std::size_t at = 0; at < others; ++at) {
        bundles.push_back(founder.newcomer(static_cast<std::uint32_t>(at + 1)).first);
        sure(tree.add(bundles.back().package()->leaf));
    }
    Primitives primitives(suite);
    const auto encoded = primitives.content(codec::encoded_size(tree));
    const auto package = primitives.content(bundles.front().package().bytes().size());
    against(
        state,
        [&] {
            return timed([&] {
                Intents intents;
                for (const KeyPackageBundle& bundle : bundles) {
                    intents.adds.push_back(
                        sure(VerifiedKeyPackage::verify(bundle.package(), founder.around())));
                }
                keep(sure(group.stage_commit(intents, {}, founder.random())));
            });
        },
        [&] {
            return timed([&] {
                primitives.verify(package, 2 * others);
                primitives.seal(others);
                // The commit is about as long as the tree.
                primitives.make_group_info(encoded);
                primitives.make_group_info(encoded);
            });
        });
}

void join(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const auto newcomer = all.newcomer(static_cast<std::uint32_t>(state.range(1)));
    Intents intents;
    intents.adds.push_back(
        sure(VerifiedKeyPackage::verify(newcomer.first.package(), all.around())));
    const StagedCommit staged = sure(group.stage_commit(intents, {}, all.random()));
    const Primitives primitives(suite_of(state));
    const CommitParts parts(primitives, all, staged);
    const auto welcome = primitives.content(staged.welcome.size());
    const auto members = static_cast<std::size_t>(state.range(1)) + 1;
    against(
        state,
        [&] {
            return timed([&] {
                keep(sure(
                    Group::join(staged.welcome, newcomer.first, newcomer.second, all.around())));
            });
        },
        [&] {
            return timed([&] {
                primitives.decrypt(welcome);
                primitives.verify(welcome);
                primitives.verify(parts.leaf, members);
                primitives.hash(parts.node, 2 * members);
                primitives.hash(parts.leaf, members);
            });
        });
}

const Bytes kibibyte(1024, 'x');

void protect(benchmark::State& state) {
    GrownGroup& all = grown(state);
    Group group = all.of({0});
    const Primitives primitives(suite_of(state));
    const auto content = primitives.content(kibibyte.size());
    against(
        state,
        [&] { return timed([&] { keep(sure(group.protect(kibibyte, {}, 0, all.random()))); }); },
        [&] {
            return timed([&] {
                primitives.sign(content);
                keep(primitives.encrypt(content));
            });
        });
}

void unprotect(benchmark::State& state) {
    GrownGroup& all = grown(state);
    Group sender = all.of({0});
    Group reader = all.of({1});
    const Primitives primitives(suite_of(state));
    const auto content = primitives.content(kibibyte.size());
    against(
        state,
        [&] {
            const Bytes message = sure(sender.protect(kibibyte, {}, 0, all.random()));
            return timed([&] { keep(sure(reader.receive(message, all.around()))); });
        },
        [&] {
            return timed([&] {
                primitives.verify(content);
                primitives.decrypt(content);
            });
        });
}

// Storing needs no operation with keys, and loading only those that make ours ready for use; beside
// both stands one hash over the same bytes.
void serialise(benchmark::State& state) {
    const Group group = grown(state).of({0});
    const Saved saved = group.save();
    const Primitives primitives(suite_of(state));
    const auto stored = primitives.content(saved.public_part.size());
    state.counters["bytes"] =
        static_cast<double>(saved.public_part.size() + saved.secret_part.size());
    against(
        state,
        [&] { return timed([&] { keep(group.save()); }); },
        [&] { return timed([&] { primitives.hash(stored); }); });
}

void load(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Saved saved = all.saved({0});
    const std::size_t keys = all.tree().filtered_direct_path({0}).size() + 1;
    const Primitives primitives(suite_of(state));
    const auto stored = primitives.content(saved.public_part.size());
    against(
        state,
        [&] { return timed([&] { keep(all.of({0})); }); },
        [&] {
            return timed([&] {
                primitives.key_pair(keys);
                primitives.hash(stored);
            });
        });
}

void heap(benchmark::State& state) {
    GrownGroup& all = grown(state);
    std::size_t taken = 0;
    for ([[maybe_unused]] auto round : state) {
        const std::size_t before = mallinfo2().uordblks;
        const Group group = all.of({0});
        // As it is in use: with its tree's hashes known.
        keep(group.stage_commit({}, {}, all.random()));
        taken = mallinfo2().uordblks - before;
        state.SetIterationTime(1);
    }
    state.counters["KiB_per_member"] =
        static_cast<double>(taken) / 1024 / static_cast<double>(state.range(1));
}

using Benchmark = void (*)(benchmark::State&);

const std::array<std::pair<const char*, Benchmark>, 11> of_groups{{
    {"commit/create", create_commit},
    {"commit/process", process_commit},
    {"add/one", add_one},
    {"add/all-at-once", add_all_at_once},
    {"join", join},
    {"message/protect", protect},
    {"message/unprotect", unprotect},
    {"state/serialise", serialise},
    {"state/load", load},
    {"state/heap", heap},
    {"group/create", create_group},
}};

void add_to_table(SuiteId suite, std::int64_t members) {
    for (const auto& [name, function] : of_groups) {
        benchmark::RegisterBenchmark(name, function)
            ->ArgNames({"suite", "N"})
            ->Args({static_cast<std::int64_t>(suite), members})
            ->Unit(benchmark::kMicrosecond)
            ->UseManualTime();
    }
}

}  // namespace
}  // namespace cercle::mls

int main(int argc, char** argv) {
    using cercle::mls::SuiteId;
    for (const std::int64_t members : {2, 20, 100, 1000}) {
        cercle::mls::add_to_table(SuiteId::X25519Aes128Sha256Ed25519, members);
    }
    for (const std::int64_t members : {2, 20, 100, 1000}) {
        cercle::mls::add_to_table(SuiteId::XWingAes256Sha384Ed25519, members);
    }
    cercle::mls::add_to_table(SuiteId::X25519Aes128Sha256Ed25519, 10'000);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
