"""Puts every customer into one of four segments, by what they order and how long ago."""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

LEARNS_FROM = ["recency_days", "orders_last_year", "revenue_last_year"]


def model(dbt, session):
    dbt.config(materialized="table", packages=["scikit-learn", "pandas"])
    features = dbt.ref("customer_features").df().sort_values("customer_id", ignore_index=True)

    # Money and time are skewed: a log makes twice as much count the same everywhere.
    values = np.log1p(features[LEARNS_FROM].astype(float).clip(lower=0))
    points = StandardScaler().fit_transform(values)
    clusters = KMeans(n_clusters=4, n_init=5, random_state=7).fit(points)

    closeness = np.exp(-clusters.transform(points))
    confidence = closeness.max(axis=1) / closeness.sum(axis=1)
    segment_of = name_clusters(features.assign(cluster=clusters.labels_))
    return pd.DataFrame(
        {
            "customer_id": features["customer_id"],
            "segment": [segment_of[label] for label in clusters.labels_],
            "confidence": confidence.round(4),
        }
    )


def name_clusters(customers):
    """The cluster that has been away longest is churned; money names the other three."""
    clusters = customers.groupby("cluster")[["recency_days", "revenue_last_year"]].mean()
    churned = clusters["recency_days"].idxmax()
    by_value = clusters.drop(churned).sort_values("revenue_last_year", ascending=False).index
    return {churned: "churned", **dict(zip(by_value, ["high_value", "medium_value", "low_value"]))}
