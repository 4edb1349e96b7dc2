"""A cluster of one's own in a real browser: edited, drawn in space, evaluated."""

import base64
import re

import httpx
from playwright.sync_api import Locator, expect

from tests.browser.chromium import ARTIFACTS, PATIENCE_MS, Witness, chromium_page, open_card

expect.set_options(timeout=PATIENCE_MS)
# Chromium's own rasteriser draws in space where there is no GPU.
IN_SPACE = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
COLOURS = """async (canvas, png) => {
  const image = new Image()
  image.src = `data:image/png;base64,${png}`
  await image.decode()
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  const {data} = context.getImageData(0, 0, image.width, image.height)
  return new Set(new Uint32Array(data.buffer)).size
}"""


def expect_drawn(place: Locator, colours: int) -> None:
    """At least so many colours are seen in the drawing in space."""
    canvas = place.locator(".topology-space canvas")
    expect(canvas).to_be_visible()
    seen = canvas.evaluate(COLOURS, base64.b64encode(canvas.screenshot()).decode())
    assert seen >= colours


def test_a_cluster_of_ones_own_is_drawn_and_evaluated(previews: httpx.Client) -> None:
    with chromium_page("zh-CN", extra=IN_SPACE) as page:
        witness = Witness(page)
        page.goto(str(previews.base_url))
        open_card(page, "chips")
        topology = page.locator("[data-section=topology]")
        topology.get_by_text("自定义", exact=True).click()
        racks = topology.get_by_label("每 Pod 机架")
        racks.fill("4")
        racks.press("Tab")
        expect(topology.locator(".sizes strong")).to_have_text(re.compile("^128 "))
        topology.get_by_text("立体", exact=True).click()
        expect_drawn(topology, 20)
        page.screenshot(path=ARTIFACTS / "topology.png")
        page.get_by_role("button", name="完成").click()
        page.get_by_role("button", name="运行分析").click()
        panel = page.locator(".plan-panel")
        expect(page.get_by_role("heading", level=2).first).to_contain_text("128")
        panel.get_by_role("tab", name="布局").click()
        panel.get_by_text("立体", exact=True).click()
        expect_drawn(panel, 100)
        page.screenshot(path=ARTIFACTS / "placement.png", full_page=True)
        # The same in the colours of the links' load, in space and in the plane, and as a table.
        panel.get_by_text("链路负载", exact=True).click()
        expect_drawn(panel, 100)
        loads = panel.locator(".load-legend")
        expect(loads.get_by_role("listitem")).to_have_text(
            [re.compile(rf"^{tier} \d[\d.]*%$") for tier in ("芯片间", "板卡间", "机架间")]
        )
        panel.get_by_text("平面", exact=True).click()
        lines = panel.locator(".link-map path[data-tier]")
        expect(lines).to_have_count(3)
        strokes = {line.get_attribute("stroke") for line in lines.all()}
        decode = loads.inner_text()
        page.screenshot(path=ARTIFACTS / "link-load.png", full_page=True)
        panel.get_by_text("预填充", exact=True).click()
        expect(loads).not_to_have_text(decode)
        assert strokes != {line.get_attribute("stroke") for line in lines.all()}
        panel.get_by_text("表", exact=True).click()
        table = panel.get_by_role("table", name="各层级链路")
        expect(table.get_by_role("row").filter(has_text="机架间")).to_have_count(2)
        assert witness.complaints == []
