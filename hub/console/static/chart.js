// @ts-check
// The last hour by minute: all messages above the line, those that need a person below it, each in a lane of its own.
import { number, svg, h } from "/static/dom.js";
import { moment } from "/static/time.js";

const WIDTH = 600;
const TOP = 40;
const BOTTOM = 16;

/** @param {{at: string, total: number, problem: number}[]} minutes @param {string} now */
export function chart(minutes, now) {
  const end = Math.floor(Date.parse(now) / 60000);
  const most = Math.max(1, ...minutes.map((minute) => minute.total));
  const worst = Math.max(1, ...minutes.map((minute) => minute.problem));
  const bars = minutes.map(({ at, total, problem }) => {
    const place = 59 - (end - Math.floor(Date.parse(at) / 60000));
    if (place < 0 || place > 59) return null;
    const x = place * (WIDTH / 60) + 1;
    const high = Math.max(1.5, (total / most) * TOP);
    const low = problem ? Math.max(3, (problem / worst) * BOTTOM) : 0;
    const said = svg("title", {}, `${moment(at).slice(11, 16)}: ${total} messages, ${problem} need a person`);
    return svg(
      "g",
      {},
      said,
      svg("rect", { x, y: TOP - high, width: 8, height: high, class: "bar-all" }),
      low && svg("rect", { x, y: TOP + 4, width: 8, height: low, class: "bar-problem" }),
    );
  });
  const total = minutes.reduce((sum, minute) => sum + minute.total, 0);
  const problems = minutes.reduce((sum, minute) => sum + minute.problem, 0);
  const label = `Last hour: ${total} messages, ${problems} need a person`;
  return h(
    "figure",
    { class: "chart" },
    h(
      "figcaption",
      {},
      "Messages per minute, last hour",
      h("span", { class: "key all" }, `all (at most ${number.format(most)})`),
      h("span", { class: "key problem" }, "need a person"),
    ),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${TOP + BOTTOM + 6}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      svg("line", { x1: 0, x2: WIDTH, y1: TOP + 2, y2: TOP + 2, class: "axis" }),
      ...bars,
    ),
  );
}
