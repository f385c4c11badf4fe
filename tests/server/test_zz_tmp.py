import pytest
@pytest.mark.parametrize("p",["outline/WK034401","outline/GM0344,BU03440111","outline/GM0344,WK034401,BU03440111","outline/GM0344"])
def test_a(client,p):
    build = client.ask("/healthz").json()["build"]
    r=client.ask(f"/map/{build}/{p}.geojson"); print(r.status_code,r.text[:200]); assert r.status_code==200
