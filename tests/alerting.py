"""A service with an objective, an alert of its budget and routes for it, as the tests of alerts begin with it."""

ENTITY = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  annotations: {github.com/project-slug: acme/shop}
spec: {type: service, lifecycle: production, owner: group:default/shop}
"""
SLO = """
version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    alerting: {name: BudgetBurns}
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop", code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
"""
RULES = """
groups:
  - name: shop
    rules:
      - record: shop:errors:ratio1h
        expr: sum(rate(http_requests_total{code=~"5.."}[1h])) / sum(rate(http_requests_total[1h]))
      - alert: BudgetBurns
        expr: shop:errors:ratio1h > 0.0144
        labels: {severity: page, team: shop}
        annotations: {runbook_url: "https://github.com/acme/shop/blob/main/runbook.md#budgetburns"}
"""
ROUTES = """
route:
  receiver: chat
  routes:
    - receiver: night
      matchers: [severity = "page", team =~ "shop|stock"]
receivers:
  - name: chat
    slack_configs: [{channel: "#shop", api_url_file: /secrets/slack}]
  - name: night
    pagerduty_configs: [{routing_key_file: /secrets/pagerduty}]
"""
