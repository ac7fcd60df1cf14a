// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/metrics.h"

#include <format>
#include <string_view>
#include <utility>

#include "protocol/refusal.h"

namespace cercle::relay {
namespace {

using protocol::Refusal;

constexpr std::array<std::pair<Refusal, std::string_view>, 12> reasons{{
    {Refusal::Refused, "refused"},
    {Refusal::Stale, "stale"},
    {Refusal::IdReused, "id-reused"},
    {Refusal::LogFull, "log-full"},
    {Refusal::TooLarge, "too-large"},
    {Refusal::TooMany, "too-many"},
    {Refusal::Malformed, "malformed"},
    {Refusal::Unsupported, "unsupported"},
    {Refusal::RelayClaimed, "relay-claimed"},
    {Refusal::NoKeyPackage, "no-key-package"},
    {Refusal::StoreFault, "store-fault"},
    {Refusal::Closing, "closing"},
}};

/// As OpenMetrics wants the bounds of buckets: with a point.
std::string bound_of(double value) {
    std::string text = std::format("{}", value);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

class Page {
  public:
    void gauge(std::string_view name,
               std::string_view unit,
               std::string_view help,
               std::uint64_t value) {
        head(name, unit, "gauge", help);
        text_ += std::format("cercle_relay_{} {}\n", name, value);
    }

    void counter(std::string_view name, std::string_view help, std::uint64_t value) {
        head(name, "", "counter", help);
        text_ += std::format("cercle_relay_{}_total {}\n", name, value);
    }

    void refusals(const Tally& tally) {
        head("refusals", "", "counter", "Requests that were refused, by reason.");
        for (const auto& [refusal, reason] : reasons) {
            text_ += std::format("cercle_relay_refusals_total{{reason=\"{}\"}} {}\n",
                                 reason,
                                 tally.refusals[static_cast<std::size_t>(refusal)]);
        }
    }

    /// `scale` is how many of the distribution's units are one of the page's.
    template <std::size_t Count>
    void histogram(std::string_view name,
                   std::string_view unit,
                   std::string_view help,
                   const Distribution<Count>& values,
                   double scale) {
        head(name, unit, "histogram", help);
        std::uint64_t up_to = 0;
        for (std::size_t at = 0; at < Count; ++at) {
            up_to += values.counts[at];
            text_ += std::format("cercle_relay_{}_bucket{{le=\"{}\"}} {}\n",
                                 name,
                                 bound_of(static_cast<double>(values.bounds[at]) / scale),
                                 up_to);
        }
        up_to += values.counts[Count];
        text_ += std::format("cercle_relay_{}_bucket{{le=\"+Inf\"}} {}\n", name, up_to);
        text_ += std::format("cercle_relay_{}_count {}\n", name, up_to);
        text_ +=
            std::format("cercle_relay_{}_sum {}\n", name, static_cast<double>(values.sum) / scale);
    }

    [[nodiscard]] std::string take() && {
        text_ += "# EOF\n";
        return std::move(text_);
    }

  private:
    void head(std::string_view name,
              std::string_view unit,
              std::string_view type,
              std::string_view help) {
        text_ += std::format("# TYPE cercle_relay_{} {}\n", name, type);
        if (!unit.empty()) text_ += std::format("# UNIT cercle_relay_{} {}\n", name, unit);
        text_ += std::format("# HELP cercle_relay_{} {}\n", name, help);
    }

    std::string text_;
};

}  // namespace

std::string openmetrics(const Tally& tally, const Gauges& gauges) {
    constexpr double milliseconds_per_second = 1000;
    Page page;
    page.gauge("sessions", "", "Sessions at the moment.", gauges.sessions);
    page.gauge("disk_bytes", "bytes", "Size of the store's files.", gauges.disk_bytes);
    page.gauge("free_bytes", "bytes", "Room left on their disk.", gauges.free_bytes);
    page.gauge("resident_bytes", "bytes", "Memory of the process.", gauges.resident_bytes);
    page.counter("sessions_begun", "Connections that were greeted.", tally.sessions_begun);
    page.counter("sessions_turned_away",
                 "Connections that found no place or no memory.",
                 tally.sessions_turned_away);
    page.counter("answers", "Requests that were done.", tally.answers);
    page.counter("appends", "Entries that became durable in logs and inboxes.", tally.appended);
    page.refusals(tally);
    page.counter(
        "slowed", "Pauses of sessions that had asked for more than their rate.", tally.slowed);
    page.counter("store_faults", "Batches that failed as a whole.", tally.store_faults);
    page.counter("refused_for_room",
                 "Requests refused for want of room on the disk.",
                 tally.refused_for_room);
    page.histogram("batch_requests", "", "Requests in one transaction.", tally.batch, 1);
    page.histogram("commit_seconds",
                   "seconds",
                   "From the beginning of a transaction until it is on disk.",
                   tally.commit,
                   milliseconds_per_second);
    return std::move(page).take();
}

}  // namespace cercle::relay
