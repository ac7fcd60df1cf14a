// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What groups cost beside their floors: the operations with keys that RFC 9420 does not let them do
// without, counted for the very tree at hand and timed in the same run.
//
// In a full tree of 2^d leaves a committer has d nodes above it: it makes a key pair and one
// encryption for each of them, a key pair for its leaf, and signs that and the message. Whoever
// processes it opens one secret, makes the key pairs from where the two paths meet up to the root,
// and verifies two signatures. Who joins verifies every leaf.
#include <malloc.h>

#include <array>
#include <map>
#include <memory>

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

/// The operations that floors are made of, each with what it works on.
class Primitives {
  public:
    explicit Primitives(const Suite& suite)
        : suite_(suite),
          kem_key_(crypto::KemKey::generate(suite.hpke.kem, random_)),
          signing_key_(crypto::SigningKey::generate(suite.signature, random_)),
          secret_(random_secret(suite.digest_size(), random_)),
          sealed_(sure(crypto::hpke_encrypt(
              suite.hpke, kem_key_.public_key(), text_, {}, secret_.reveal(), random_))),
          signature_(signing_key_.sign(text_)),
          aead_key_(random_secret(suite.key_size(), random_)) {}

    void seal(std::size_t times = 1) {
        for (; times > 0; --times) {
            benchmark::DoNotOptimize(crypto::hpke_encrypt(
                suite_.hpke, kem_key_.public_key(), text_, {}, secret_.reveal(), random_));
        }
    }

    void open() const {
        benchmark::DoNotOptimize(crypto::hpke_decrypt(
            suite_.hpke, kem_key_, text_, {}, sealed_.encapsulation, sealed_.ciphertext));
    }

    void key_pair(std::size_t times = 1) const {
        for (; times > 0; --times) {
            benchmark::DoNotOptimize(
                crypto::KemKey::derive(suite_.hpke.kem, secret_.reveal()));
        }
    }

    void sign(std::size_t times = 1) const {
        for (; times > 0; --times)
            benchmark::DoNotOptimize(signing_key_.sign(text_));
    }

    // A Welcome carries the tree: its GroupInfo is signed, encrypted, and hashed into what is
    // sent to the newcomers.
    void make_group_info(BytesView group_info) const {
        benchmark::DoNotOptimize(signing_key_.sign(group_info));
        benchmark::DoNotOptimize(encrypt(group_info));
        benchmark::DoNotOptimize(crypto::hash(suite_.hash(), {group_info}));
    }

    void verify(std::size_t times = 1) const {
        for (; times > 0; --times) {
            benchmark::DoNotOptimize(crypto::verify(
                suite_.signature, signing_key_.public_key(), text_, signature_));
        }
    }

    [[nodiscard]] Bytes encrypt(BytesView content) const {
        const std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
        return crypto::aead_encrypt(suite_.hpke.aead, aead_key_.reveal(), nonce, {}, content);
    }

    void decrypt(BytesView content) const {
        const std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
        benchmark::DoNotOptimize(
            crypto::aead_decrypt(suite_.hpke.aead, aead_key_.reveal(), nonce, {}, content));
    }

  private:
    const Suite& suite_;
    vectors::SeededRandom random_{1};
    Bytes text_ = Bytes(300, 1);
    crypto::KemKey kem_key_;
    crypto::SigningKey signing_key_;
    Secret secret_;
    crypto::HpkeCiphertext sealed_;
    Bytes signature_;
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

std::size_t path_length(const Group& group, const GrownGroup& grown) {
    return grown.tree().filtered_direct_path(group.own_index()).size();
}

void create_group(benchmark::State& state) {
    const Suite& suite = suite_of(state);
    vectors::SeededRandom random(2);
    const auto key = crypto::SigningKey::generate(suite.signature, random);
    const Primitives primitives(suite);
    against(
        state,
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(Group::create(suite,
                                                       view_of("group"),
                                                       key,
                                                       {basic_credential(view_of("a")), {}, {}},
                                                       {},
                                                       random));
            });
        },
        [&] {
            return timed([&] {
                primitives.key_pair();
                primitives.sign();
            });
        });
}

void create_commit(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const std::size_t steps = path_length(group, all);
    Primitives primitives(suite_of(state));
    against(
        state,
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(sure(group.stage_commit({}, {}, all.random())));
            });
        },
        [&] {
            return timed([&] {
                primitives.seal(steps);
                primitives.key_pair(steps + 1);
                primitives.sign(2);
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
    std::vector<Saved> saved;
    std::vector<LeafIndex> who;
    for (std::uint32_t at = 1; at <= std::min(members - 1, 16U); ++at) {
        who.push_back({at * (members - 1) / std::min(members - 1, 16U)});
        saved.push_back(all.saved(who.back()));
    }
    std::size_t turn = 0;
    const Primitives primitives(suite_of(state));
    against(
        state,
        [&] {
            turn = (turn + 1) % who.size();
            Group group = sure(Group::load(
                saved[turn].public_part, saved[turn].secret_part, all.signing_key(who[turn])));
            // In use, not just loaded: with its tree's hashes known.
            benchmark::DoNotOptimize(group.stage_commit({}, {}, all.random()));
            return timed([&] {
                auto received = sure(group.receive(staged.commit, all.around()));
                if (!group.apply(std::move(std::get<StagedEpoch>(received)))) std::abort();
            });
        },
        [&] {
            const NodeIndex meeting = common_ancestor({0}, who[turn]);
            const std::size_t above =
                level_of(all.tree().size().root()) - level_of(meeting) + 1;
            return timed([&] {
                primitives.open();
                primitives.key_pair(above);
                primitives.verify(2);
            });
        });
}

void add_one(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const std::size_t steps = path_length(group, all);
    const auto newcomer = all.newcomer(static_cast<std::uint32_t>(state.range(1)));
    const auto verified =
        sure(VerifiedKeyPackage::verify(newcomer.first.package(), all.around()));
    const Bytes tree = codec::encode(all.tree());
    Primitives primitives(suite_of(state));
    against(
        state,
        [&] {
            Intents intents;
            intents.adds.push_back(verified);
            return timed([&] {
                benchmark::DoNotOptimize(sure(group.stage_commit(intents, {}, all.random())));
            });
        },
        [&] {
            return timed([&] {
                primitives.seal(steps + 1);
                primitives.key_pair(steps + 1);
                primitives.sign(2);
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
    for (std::size_t at = 0; at < others; ++at)
        bundles.push_back(founder.newcomer(static_cast<std::uint32_t>(at + 1)).first);
    RatchetTree tree = founder.tree();
    for (const KeyPackageBundle& bundle : bundles)
        sure(tree.add(bundle.package()->leaf));
    const Bytes encoded = codec::encode(tree);
    Primitives primitives(suite);
    against(
        state,
        [&] {
            return timed([&] {
                Intents intents;
                for (const KeyPackageBundle& bundle : bundles) {
                    intents.adds.push_back(
                        sure(VerifiedKeyPackage::verify(bundle.package(), founder.around())));
                }
                benchmark::DoNotOptimize(sure(group.stage_commit(intents, {}, founder.random())));
            });
        },
        [&] {
            return timed([&] {
                primitives.verify(2 * others);
                primitives.seal(others);
                primitives.sign(2);
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
    const auto members = static_cast<std::size_t>(state.range(1)) + 1;
    against(
        state,
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(sure(Group::join(
                    staged.welcome, newcomer.first, newcomer.second, all.around())));
            });
        },
        [&] { return timed([&] { primitives.verify(members); }); });
}

const Bytes kibibyte(1024, 'x');

void protect(benchmark::State& state) {
    GrownGroup& all = grown(state);
    Group group = all.of({0});
    const Primitives primitives(suite_of(state));
    against(
        state,
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(sure(group.protect(kibibyte, {}, 0, all.random())));
            });
        },
        [&] {
            return timed([&] {
                primitives.sign();
                benchmark::DoNotOptimize(primitives.encrypt(kibibyte));
            });
        });
}

void unprotect(benchmark::State& state) {
    GrownGroup& all = grown(state);
    Group sender = all.of({0});
    Group reader = all.of({1});
    const Primitives primitives(suite_of(state));
    const Bytes encrypted = primitives.encrypt(kibibyte);
    against(
        state,
        [&] {
            const Bytes message = sure(sender.protect(kibibyte, {}, 0, all.random()));
            return timed([&] {
                benchmark::DoNotOptimize(sure(reader.receive(message, all.around())));
            });
        },
        [&] {
            return timed([&] {
                primitives.verify();
                primitives.decrypt(encrypted);
            });
        });
}

// Stored state has no operation with keys that it could not do without but for making those we
// hold ready; beside it stands one hash over the same bytes.
void serialise(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Group group = all.of({0});
    const Saved saved = group.save();
    state.counters["bytes"] =
        static_cast<double>(saved.public_part.size() + saved.secret_part.size());
    against(
        state,
        [&] { return timed([&] { benchmark::DoNotOptimize(group.save()); }); },
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(
                    crypto::hash(suite_of(state).hash(), {saved.public_part}));
            });
        });
}

void load(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Saved saved = all.saved({0});
    const std::size_t keys = all.tree().filtered_direct_path({0}).size() + 1;
    const Primitives primitives(suite_of(state));
    against(
        state,
        [&] {
            return timed([&] {
                benchmark::DoNotOptimize(sure(
                    Group::load(saved.public_part, saved.secret_part, all.signing_key({0}))));
            });
        },
        [&] {
            return timed([&] {
                primitives.key_pair(keys);
                benchmark::DoNotOptimize(
                    crypto::hash(suite_of(state).hash(), {saved.public_part}));
            });
        });
}

void heap(benchmark::State& state) {
    GrownGroup& all = grown(state);
    const Saved saved = all.saved({0});
    std::size_t taken = 0;
    for ([[maybe_unused]] auto round : state) {
        const std::size_t before = mallinfo2().uordblks;
        Group group =
            sure(Group::load(saved.public_part, saved.secret_part, all.signing_key({0})));
        // As it is in use: with its tree's hashes known.
        benchmark::DoNotOptimize(group.stage_commit({}, {}, all.random()));
        taken = mallinfo2().uordblks - before;
        state.SetIterationTime(1e-3);
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
